import Testing
import WireModel

@testable import RecognitionAPI

@Suite("Forms of multipart/form-data")
struct MultipartFormTests {
    private static let type: String = "multipart/form-data; boundary=abc"

    private func read(_ body: String, _ type: String = type) throws(Problem) -> [String] {
        let bytes: [UInt8] = Array(body.utf8)
        return try MultipartForm(bytes, contentType: type).parts.map { "\($0.name)=\(String(decoding: bytes[$0.content], as: UTF8.self))" }
    }

    @Test("parts are found as clients write them: quoted names, file names with quotes and semicolons, other headers, spaces after a boundary")
    func parts() throws {
        let body: String =
            "--abc\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a;b \\\"c\\\" name=x.jpg\"\r\nContent-Type: image/jpeg\r\n\r\none\r\ntwo\r\n"
            + "--abc  \r\ncontent-disposition:form-data;filename=\"name=\\\"y\\\"\";name=plain\r\nX-Other: 1\r\n\r\n\r\n--abc--\r\nepilogue"
        #expect(try read(body) == ["image=one\r\ntwo", "plain="])
        #expect(try read("preamble\r\n" + body) == ["image=one\r\ntwo", "plain="])
    }

    @Test("a boundary may be quoted, and stand among other parameters", arguments: ["; boundary=\"abc\"", ";charset=utf-8; BOUNDARY=abc ; x=y"])
    func boundary(parameters: String) throws {
        #expect(try read("--abc\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--abc--", "multipart/form-data" + parameters) == ["a=b"])
    }

    @Test("a line that only begins like the boundary is content")
    func nearly() throws {
        let content: String = "--ab\r\n-\r\n\r\n--ab\r\n--a\r\n\r\n--ab"
        #expect(try read("--abc\r\nContent-Disposition: form-data; name=a\r\n\r\n\(content)\r\n--abc--") == ["a=\(content)"])
    }

    @Test("a form without parts is one")
    func empty() throws {
        #expect(try read("--abc--\r\n") == [])
    }

    @Test(
        "what is no form is refused as a bad request",
        arguments: [
            ("", type), ("--abc", type), ("--abc\r\n", type), ("nothing", type), ("--abcd\r\n\r\nx\r\n--abcd--", type),
            ("--abc\r\nContent-Disposition: form-data; name=a\r\n\r\nb", type), ("--abc\r\nContent-Disposition: form-data; name=a\r\nb\r\n--abc--", type),
            ("--abc\r\nContent-Disposition: form-data\r\n\r\nb\r\n--abc--", type), ("--abc\r\n\r\nb\r\n--abc--", type),
            ("--abc\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n--abc--", type),
            ("--abc\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\nb\r\n--abc--", type),
            ("--abc\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nb\r\n--abc--", type),
            ("--abc\nContent-Disposition: form-data; name=a\n\nb\n--abc--", type),
            ("--abc--", "multipart/form-data"), ("--abc--", "multipart/form-data; boundary="), ("--abc--", "multipart/form-data; boundary=\"a\u{1}c\""),
        ])
    func refused(body: String, type: String) {
        let problem: Problem? = #expect(throws: Problem.self) { try read(body, type) }
        #expect(problem?.code == .invalidRequest)
    }

    @Test("parts, their names and their headers are bounded")
    func bounds() throws {
        func part(_ name: String, header: String = "") -> String { "--abc\r\nContent-Disposition: form-data; name=\(name)\r\n\(header)\r\nb\r\n" }
        let most: Int = MultipartForm.mostParts
        #expect(try read((0..<most).map { part("n\($0)") }.joined() + "--abc--").count == most)
        #expect(throws: Problem.self) { try read((0...most).map { part("n\($0)") }.joined() + "--abc--") }
        #expect(throws: Problem.self) { try read(part(String(repeating: "n", count: 101)) + "--abc--") }
        #expect(throws: Problem.self) { try read(part("a", header: "X: " + String(repeating: "x", count: MultipartForm.mostHeaderBytes) + "\r\n") + "--abc--") }
    }

    @Test("mutated forms are read or refused, never more: 40,000 of them", arguments: 0..<4)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let body: [UInt8] = Array(
            "--abc\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\\\"b\"\r\n\r\n\u{0}\u{7F}é\r\n--ab\r\n--abc\r\nContent-Disposition: form-data; name=label\r\n\r\nAda\r\n--abc--\r\n"
                .utf8)
        let pieces: [[UInt8]] = ["--abc", "\r\n", "--", "\r", "\"", "\\", ";", "name=", ":", "\r\n\r\n", "Content-Disposition: form-data", "="].map {
            Array($0.utf8)
        }
        for _ in 0..<10_000 {
            var mutated: [UInt8] = body
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place: Int = Int.random(in: 0...mutated.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: mutated.insert(contentsOf: pieces.randomElement(using: &random)!, at: place)
                case 1: mutated.removeSubrange(place..<min(mutated.count, place + Int.random(in: 0...8, using: &random)))
                case 2: if place < mutated.count { mutated[place] = UInt8.random(in: .min ... .max, using: &random) }
                default: mutated.removeSubrange(place...)
                }
            }
            guard let form = try? MultipartForm(mutated, contentType: Self.type) else { continue }
            // What was read lies in the body, in order, and holds no boundary.
            var end: Int = 0
            for part in form.parts {
                #expect(part.content.lowerBound >= end && part.content.upperBound <= mutated.count)
                #expect(!String(decoding: mutated[part.content], as: UTF8.self).contains("\r\n--abc"))
                end = part.content.upperBound
            }
        }
    }

    @Test("mutated header parameters are read or not, never more")
    func fuzzParameters() {
        var random = SeededRandom(seed: 9)
        let signs: [Character] = Array("; =\"\\a\t,nboundary")
        for _ in 0..<20_000 {
            let text = String((0..<Int.random(in: 0...30, using: &random)).map { _ in signs.randomElement(using: &random)! })
            let found: String? = MultipartForm.parameter("n", of: text)
            #expect((found?.utf8.count ?? 0) <= text.utf8.count)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value: UInt64 = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
