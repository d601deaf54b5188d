import Foundation
import HubDomain
import RecognitionAPI
import Testing
import WireModel

@Suite("A variant's answer")
struct VariantRenderingTests {
    static let call = VariantCall(id: "use_1", api: APIName(rawValue: "face.search.acme-door")!, time: Timestamp("2026-11-25T12:00:00.250Z")!)

    /// Three faces: a match, somebody unknown, one too poor.
    static let answer: JSONValue = parsed(
        """
        {"width": 1000, "height": 500, "faces": [
          {"box": {"x": 100, "y": 50, "width": 200, "height": 250}, "outcome": "match", "person": "per_a", "score": 0.6, "threshold": 0.45,
           "falseMatchRate": 0.00001, "model": "m", "refusals": [], "quality": {"eyeDistance": 80, "sharpness": 3, "yaw": 90, "pitch": 0, "roll": -45, "brightness": 120}},
          {"box": {"x": 0.5, "y": 0, "width": 1, "height": 1}, "outcome": "unknown", "score": 0.4499, "threshold": 0.45, "falseMatchRate": 0.00001,
           "model": "m", "refusals": []},
          {"box": {"x": 7, "y": 7, "width": 7, "height": 7}, "outcome": "undecided", "threshold": 0.45, "falseMatchRate": 0.00001, "model": "m",
           "refusals": ["face_blurred", "face_too_dark"], "embedding": [0.777, 0.2]}]}
        """)

    static func parsed(_ text: String) -> JSONValue { try! JSON.value(JSONValue.self, from: text) }

    private func render(_ definition: String, _ answer: JSONValue = answer, base: APIName = .search) throws -> String {
        let rendered: RenderedAnswer = try VariantDefinition(Self.parsed(definition), base: base).render(answer, of: Self.call)
        return String(decoding: rendered.bytes, as: UTF8.self)
    }

    @Test("fields come in the definition's order under its names, nested as it says, with constants and defaults")
    func order() throws {
        let text: String = try render(
            """
            {"fields": [{"name": "zebra", "from": "faces[0].person"}, {"name": "alpha", "from": "width"}, {"name": "站点", "constant": "north \\"1\\""},
              {"name": "second", "from": "faces[1].person", "default": "nobody"}, {"name": "third", "from": "faces[2].person"},
              {"name": "box", "fields": [{"name": "w", "from": "faces[0].box.width"}, {"name": "h", "from": "faces[0].box.height"}]},
              {"name": "id", "from": "call.id"}, {"name": "api", "from": "call.api"}, {"name": "none", "constant": null}, {"name": "fifty", "from": "faces[50].score", "default": -1}]}
            """)
        #expect(
            text
                == #"{"zebra":"per_a","alpha":1000,"站点":"north \"1\"","second":"nobody","third":null,"box":{"w":200,"h":250},"id":"use_1","api":"face.search.acme-door","none":null,"fifty":-1}"#
        )
    }

    @Test("one record per face, or lists and groups of faces in one record; what one face lacks does not move the next one's value")
    func records() throws {
        #expect(
            try render(#"{"records": "face", "fields": [{"name": "p", "from": "faces[].person"}, {"name": "w", "from": "width"}]}"#)
                == #"[{"p":"per_a","w":1000},{"p":null,"w":1000},{"p":null,"w":1000}]"#)
        #expect(
            try render(#"{"fields": [{"name": "s", "from": "faces[].score"}, {"name": "why", "from": "faces[].refusals[]"}]}"#)
                == #"{"s":[0.6,0.4499,null],"why":["face_blurred","face_too_dark"]}"#)
        #expect(
            try render(
                #"{"root": "data", "fields": [{"name": "people", "each": "faces", "fields": [{"name": "o", "from": "faces[].outcome", "words": {"match": "OK"}}, {"name": "r", "from": "faces[].refusals[]"}]}]}"#
            ) == #"{"data":{"people":[{"o":"OK","r":[]},{"o":"unknown","r":[]},{"o":"undecided","r":["face_blurred","face_too_dark"]}]}}"#)
    }

    @Test("only the outcomes asked for: other faces are gone everywhere, and no record is left where none suits")
    func only() throws {
        let fields: String = #""fields": [{"name": "o", "from": "faces[].outcome"}]"#
        #expect(try render(#"{"records": "face", "only": ["unknown"], \#(fields)}"#) == #"[{"o":"unknown"}]"#)
        #expect(try render(#"{"only": ["unknown"], "fields": [{"name": "o", "from": "faces[0].outcome"}]}"#) == #"{"o":"unknown"}"#)
        let compare: JSONValue = ["outcome": "unknown", "score": .number(0.1), "threshold": .number(0.45)]
        let definition: VariantDefinition = try VariantDefinition(
            Self.parsed(#"{"only": ["match"], "fields": [{"name": "s", "from": "score"}]}"#), base: .compare)
        let rendered: RenderedAnswer = definition.render(compare, of: Self.call)
        #expect(String(decoding: rendered.bytes, as: UTF8.self) == "null" && rendered.mediaType == "application/json" && rendered.records == 0)
        #expect(try render(#"{"only": ["match"], "format": "csv", "fields": [{"name": "s", "from": "score"}]}"#, compare, base: .compare) == "s\r\n")
        let empty: JSONValue = ["width": 1, "height": 1, "faces": []]
        #expect(try render(#"{"records": "face", "format": "xml", \#(fields)}"#, empty).hasSuffix("<answer/>\n"))
    }

    @Test("units: scores and thresholds in one scale, boxes as fractions of their own side, radians, Unix milliseconds; a field's own unit goes first")
    func units() throws {
        let text: String = try render(
            """
            {"units": {"score": "percent", "box": "fraction", "angle": "radians", "time": "unix-ms"}, "fields": [
              {"name": "s", "from": "faces[0].score"}, {"name": "t", "from": "faces[0].threshold"}, {"name": "u", "from": "faces[0].score", "unit": "unit"},
              {"name": "p", "from": "faces[0].score", "unit": "permille"}, {"name": "c", "from": "faces[0].score", "unit": "cosine"},
              {"name": "x", "from": "faces[0].box.x"}, {"name": "y", "from": "faces[0].box.y"}, {"name": "px", "from": "faces[0].box.x", "unit": "pixels"},
              {"name": "yaw", "from": "faces[0].quality.yaw"}, {"name": "roll", "from": "faces[0].quality.roll", "decimals": 2},
              {"name": "at", "from": "call.time"}, {"name": "then", "from": "call.time", "unit": "rfc-3339"}]}
            """)
        #expect(
            text
                == #"{"s":80,"t":72.5,"u":0.8,"p":800,"c":0.6,"x":0.1,"y":0.1,"px":100,"yaw":1.570796,"roll":-0.79,"at":1795608000250,"then":"2026-11-25T12:00:00.250Z"}"#
        )
    }

    @Test("rounding never carries a score over its threshold, nor a false-match rate down to none", arguments: ["cosine", "unit", "percent", "permille"])
    func rounding(unit: String) throws {
        var random = SystemRandomNumberGenerator()
        for decimals in 0...3 {
            let definition = try VariantDefinition(
                Self.parsed(
                    #"{"units": {"score": "\#(unit)"}, "fields": [{"name": "s", "from": "score", "decimals": \#(decimals)}, {"name": "t", "from": "threshold", "decimals": \#(decimals)}]}"#
                ), base: .compare)
            for _ in 0..<200 {
                let threshold: Double = Double.random(in: -1...1, using: &random)
                let score: Double = min(1, max(-1, threshold + Double.random(in: -0.002...0.002, using: &random)))
                let answer: JSONValue = ["outcome": "match", "score": .number(score), "threshold": .number(threshold)]
                let text: String = String(decoding: definition.render(answer, of: Self.call).bytes, as: UTF8.self)
                let read = try JSONDecoder().decode([String: Double].self, from: Data(text.utf8))
                #expect((read["s"]! >= read["t"]!) == (score >= threshold), "\(unit) \(decimals) \(score) \(threshold) \(text)")
            }
        }
        #expect(try render(#"{"fields": [{"name": "s", "from": "faces[1].score", "decimals": 2}]}"#) == #"{"s":0.44}"#)
        #expect(try render(#"{"fields": [{"name": "f", "from": "faces[0].falseMatchRate", "decimals": 3}]}"#) == #"{"f":0.001}"#)
        #expect(try render(#"{"fields": [{"name": "f", "from": "faces[0].falseMatchRate", "decimals": 5}]}"#) == #"{"f":0.00001}"#)
    }

    @Test("CSV by RFC 4180, with or without a first line, and no cell that a spreadsheet runs")
    func csv() throws {
        let evil: [String] = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", "fine", "say \"hi\"", "a,b", "two\nlines"]
        for text in evil {
            let definition: JSONValue = [
                "format": "csv", "csv": ["header": false], "fields": [["name": "x", "constant": .string(text)], ["name": "n", "constant": -1]],
            ]
            let written: String = String(decoding: try VariantDefinition(definition, base: .search).render(Self.answer, of: Self.call).bytes, as: UTF8.self)
            #expect(written.hasSuffix(",-1\r\n"))
            let cell: String = String(written.dropLast(4))
            if evil.prefix(7).contains(text) { #expect(cell == "'" + text || cell == "\"'\(text)\"") }
        }
        let text: String = try render(
            #"{"format": "csv", "records": "face", "csv": {"delimiter": "semicolon"}, "fields": [{"name": "=who;", "from": "faces[].person"}, {"name": "rate", "from": "faces[].falseMatchRate"}, {"name": "why", "from": "faces[].refusals[]"}, {"name": "q", "constant": "say \"hi\", twice\nover"}]}"#
        )
        #expect(
            text
                == "\"'=who;\";rate;why;q\r\nper_a;0.00001;;\"say \"\"hi\"\", twice\nover\"\r\n;0.00001;;\"say \"\"hi\"\", twice\nover\"\r\n;0.00001;face_blurred face_too_dark;\"say \"\"hi\"\", twice\nover\"\r\n"
        )
        #expect(
            try render(#"{"format": "csv", "csv": {"header": false}, "fields": [{"name": "w", "from": "width"}, {"name": "f", "constant": false}]}"#)
                == "1000,false\r\n")
    }

    @Test("XML is well-formed whatever the texts hold")
    func xml() throws {
        let text: String = try render(
            #"{"format": "xml", "root": "答复", "record": "face", "records": "face", "only": ["match", "undecided"], "fields": [{"name": "who", "from": "faces[].person"}, {"name": "why", "from": "faces[].refusals[]"}, {"name": "c", "constant": "<&>]]> \"'\n￾"}, {"name": "in", "fields": [{"name": "n", "from": "width"}]}]}"#
        )
        #expect(
            text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <答复><face><who>per_a</who><c>&lt;&amp;&gt;]]&gt; "'
                \u{FFFD}</c><in><n>1000</n></in></face><face><who/><why>face_blurred</why><why>face_too_dark</why><c>&lt;&amp;&gt;]]&gt; "'
                \u{FFFD}</c><in><n>1000</n></in></face></答复>

                """)
    }

    @Test(
        "numbers are written without exponents and read back as the same",
        arguments: [0.00001, 1e-7, 1.5e-10, 123_456.75, 1e21, -2.5e-6, 3, -0.1, 1e16, 0.1 + 0.2])
    func numbers(value: Double) throws {
        let text: String = try render(#"{"fields": [{"name": "n", "from": "score"}]}"#, ["score": .number(value)], base: .compare)
        #expect(!text.contains("e-") && !text.contains("e+"))
        #expect(try JSONDecoder().decode([String: Double].self, from: Data(text.utf8))["n"] == value)
    }

    @Test("every base API has a sample that every one of its values is in, and a preview of it", arguments: APIName.all)
    func samples(api: APIName) throws {
        let paths: [String] = VariantDefinition.paths(of: api)
        #expect(paths.count > 5)
        for path in paths {
            let document: JSONValue = [
                "fields": [["name": "v", "from": .string(path.replacing("[]", with: "[0]").replacing("refusals[0]", with: "refusals[]"))]]
            ]
            let preview: VariantPreview = try VariantDefinition(document, base: api).preview(nil)
            #expect(!preview.output.contains("null"), "\(path): \(preview.output)")
            #expect(preview.readings.count == 1 && preview.records == 1)
        }
    }
}
