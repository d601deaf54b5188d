import HubDomain
import RecognitionAPI
import Testing
import WireModel

@Suite("A definition's faults")
struct DefinitionFaultTests {
    private func faults(_ text: String, base: APIName = .search) throws -> [String] { try faults(VariantRenderingTests.parsed(text), base: base) }

    private func faults(_ document: JSONValue, base: APIName = .search) throws -> [String] {
        do {
            _ = try VariantDefinition(document, base: base)
            return []
        } catch { return error.faults.map(\.pointer) }
    }

    @Test("each fault is reported with the place it is at, all at once")
    func pointers() throws {
        let found: [String] = try faults(
            """
            {"format": "pdf", "records": "frame", "only": ["match", "perhaps"], "units": {"score": "points", "weight": "kg"}, "colour/~": 1,
             "fields": [{"name": "a"}, {"from": "width"}, {"name": "b", "from": "nowhere"}, {"name": "b2", "from": "a b"}, {"name": "c", "from": "width", "unit": "pixels"},
              {"name": "d", "from": "faces[0].person", "decimals": 2}, {"name": "e", "from": "faces[0].score", "decimals": 13}, {"name": "f", "constant": [1]},
              {"name": "g", "constant": 1, "default": 2}, {"name": "h", "fields": [{"name": "i", "from": "x"}]}, {"name": "j", "each": "width", "fields": [{"name": "k", "constant": 1}]},
              {"name": "l", "from": "width", "constant": 1}, {"name": "m", "from": "faces[0].outcome", "words": {"match": 1, "perhaps": "x"}}, 7, {"name": "n", "constant": 1}, {"name": "n", "constant": 2}]}
            """)
        #expect(
            Set(found) == [
                "/format", "/records", "/only/1", "/units/score", "/units/weight", "/colour~1~0", "/fields/0", "/fields/1/name", "/fields/2/from",
                "/fields/3/from",
                "/fields/4/unit", "/fields/5/decimals", "/fields/6/decimals", "/fields/7/constant", "/fields/8/default", "/fields/9/fields/0/from",
                "/fields/10/each", "/fields/11", "/fields/12/words/match", "/fields/12/words/perhaps", "/fields/13", "/fields/15/name",
            ])
        #expect(found.count == Set(found).count)
        #expect(try faults(.array([])) == [""] && faults("{}") == ["/fields"] && faults(#"{"fields": []}"#) == ["/fields"])
    }

    @Test("the numbers of a template cannot be asked for by any name, in any answer, under any unit or list")
    func templates() throws {
        for api in APIName.all {
            for path in [
                "template", "embedding", "faces[].template", "faces[0].embedding[0]", "faces[].embedding[]", "faces[0].Template.numbers", "vector", "faces",
            ] {
                #expect(try faults(["fields": [["name": "x", "from": .string(path)]]], base: api) == ["/fields/0/from"], "\(api) \(path)")
            }
            #expect(!VariantDefinition.paths(of: api).contains { $0.lowercased().contains("template") || $0.contains("embedding") })
        }
        // Whatever a base answer holds: nothing but what the shape lists comes out.
        let everything: JSONValue = .array(
            VariantDefinition.paths(of: .search).enumerated().map { ["name": .string("f\($0)"), "from": .string($1)] })
        let definition = try VariantDefinition(["fields": everything], base: .search)
        let text: String = String(decoding: definition.render(VariantRenderingTests.answer, of: VariantRenderingTests.call).bytes, as: UTF8.self)
        #expect(!text.contains("0.777"))
    }

    @Test("at most 100 fields, eight deep, 16 KiB")
    func bounds() throws {
        func flat(_ count: Int) -> JSONValue { ["fields": .array((0..<count).map { ["name": .string("f\($0)"), "constant": 1] })] }
        #expect(try faults(flat(100)) == [] && faults(flat(101)) == ["/fields"])
        func deep(_ depth: Int) -> JSONValue {
            let inner: JSONValue = (1..<depth).reduce([["name": "x", "constant": 1]]) { fields, _ in [["name": "g", "fields": fields]] }
            return ["fields": inner]
        }
        #expect(try faults(deep(8)) == [])
        #expect(try faults(deep(9)) == ["/fields/0" + String(repeating: "/fields/0", count: 7) + "/fields"])
        let long: JSONValue = .string(String(repeating: "x", count: 1_000))
        func large(_ count: Int) -> JSONValue { ["fields": .array((0..<count).map { ["name": .string("f\($0)"), "constant": long] })] }
        #expect(try faults(large(15)) == [] && faults(large(17)) == [""])
        #expect(try faults(["fields": [["name": "x", "constant": .string(String(repeating: "x", count: 1_001))]]]) == ["/fields/0/constant"])
    }

    @Test("CSV is flat and one value a cell; XML names are names; options go with their format")
    func formats() throws {
        #expect(
            try faults(#"{"format": "csv", "fields": [{"name": "a", "fields": [{"name": "b", "constant": 1}]}, {"name": "s", "from": "faces[].score"}]}"#) == [
                "/fields/0/fields", "/fields/1/from",
            ])
        #expect(try faults(#"{"format": "csv", "records": "face", "fields": [{"name": "s", "from": "faces[].score"}]}"#) == [])
        for name in ["1a", "a b", "xmlThing", "a:b", "-a", "a<", "a\u{0}"] {
            #expect(try faults(["format": "xml", "fields": [["name": .string(name), "constant": 1]]]) == ["/fields/0/name"], "\(name)")
        }
        for name in ["a", "_a-1.2", "人员", "Ärger"] { #expect(try faults(["format": "xml", "fields": [["name": .string(name), "constant": 1]]]) == []) }
        #expect(try faults(#"{"csv": {}, "record": "r", "fields": [{"name": "a", "constant": 1}]}"#) == ["/csv", "/record"])
        #expect(
            try faults(#"{"format": "csv", "root": "r", "csv": {"delimiter": "|", "header": 1}, "fields": [{"name": "a", "constant": 1}]}"#) == [
                "/csv/header", "/csv/delimiter", "/root",
            ])
        #expect(try faults(#"{"records": "face", "fields": [{"name": "a", "constant": 1}]}"#, base: .compare) == ["/records"])
        #expect(try faults(#"{"only": ["match"], "fields": [{"name": "a", "constant": 1}]}"#, base: .detect) == ["/only"])
    }

    @Test("the problem names the places and stays within what an answer may hold")
    func problem() throws {
        let fields: JSONValue = .array((0..<50).map { ["name": .string("f\($0)"), "from": "nowhere"] })
        #expect { _ = try VariantDefinition(["fields": fields], base: .search) } throws: { error in
            guard let problem = (error as? DefinitionFaults)?.problem else { return false }
            return problem.code == .definitionInvalid && problem.detail.contains("/fields/0/from: ") && problem.detail.hasSuffix("and 40 more")
        }
    }
}
