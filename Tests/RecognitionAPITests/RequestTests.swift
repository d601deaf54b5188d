import Foundation
import Testing
import WireModel

@testable import RecognitionAPI

@Suite("Requests of the recognition API")
struct RequestTests {
    private static let onePicture: RecognitionBody = .pictures(RecognitionSchemas.onePicture, members: ["image"], raw: "image")
    private static let comparison: RecognitionBody = .pictures(RecognitionSchemas.comparison, members: ["image", "referenceImage"], raw: nil)
    private static let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0x00, 0x3E, 0x3F, 0xFB]

    private func picture(_ body: RecognitionBody, _ bytes: [UInt8], _ type: String?) throws(Problem) -> [UInt8]? {
        let content = try BodyContent(bytes, contentType: type, for: body)
        return try RecognitionRequest(path: [:], query: [:], json: content.json, pictures: content.pictures).picture("image")
    }

    @Test("a picture is the same however it comes: raw, base64, base64url, without padding, broken into lines, as a data: URL, in a form")
    func forms() throws {
        let standard: String = Data(Self.picture).base64EncodedString()
        #expect(standard.contains("+") || standard.contains("/"))
        let url: String = standard.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        let unpadded: String = standard.replacingOccurrences(of: "=", with: "")
        for text in [standard, url, unpadded, standard.prefix(4) + "\\r\\n" + standard.dropFirst(4), "data:image/jpeg;base64," + standard] {
            #expect(try picture(Self.onePicture, Array(#"{"image":"\#(text)"}"#.utf8), "application/json; charset=utf-8") == Self.picture)
        }
        for type in ["image/jpeg", "IMAGE/PNG", "application/octet-stream"] { #expect(try picture(Self.onePicture, Self.picture, type) == Self.picture) }
        let form: [UInt8] = Array("--b\r\nContent-Disposition: form-data; name=image; filename=x\r\n\r\n".utf8) + Self.picture + Array("\r\n--b--\r\n".utf8)
        #expect(try picture(Self.onePicture, form, "multipart/form-data; boundary=b") == Self.picture)
    }

    @Test("base64 of every length survives, padded or not")
    func base64Lengths() throws {
        for count in 0..<20 {
            let bytes: [UInt8] = (0..<count).map { UInt8($0 * 37 % 256) }
            let padded: String = Data(bytes).base64EncodedString()
            #expect(try Base64Picture.decode(padded, member: "image") == bytes)
            #expect(try Base64Picture.decode(padded.replacingOccurrences(of: "=", with: ""), member: "image") == bytes)
        }
    }

    @Test(
        "what is no base64 is refused",
        arguments: ["A", "AAAAA", "A===", "====", "AA=A", "Ä", "AA AA", "data:image/png,AAAA", "data:" + String(repeating: "x", count: 300)])
    func notBase64(text: String) {
        let problem: Problem? = #expect(throws: Problem.self) { try Base64Picture.decode(text, member: "image") }
        #expect(problem?.code == .invalidRequest)
        #expect(problem?.detail.contains(text) == false)
    }

    @Test("fields of a form become members, and are held against the same schema")
    func fields() throws {
        func part(_ name: String, _ value: String) -> String { "--b\r\nContent-Disposition: form-data; name=\(name)\r\n\r\n\(value)\r\n" }
        let id: String = "per_" + String(repeating: "0", count: 32)
        func read(_ parts: String...) throws(Problem) -> BodyContent {
            try BodyContent(Array((parts.joined() + "--b--").utf8), contentType: "multipart/form-data; boundary=b", for: Self.comparison)
        }
        let content: BodyContent = try read(part("image", "x"), part("referencePerson", id))
        #expect(content.json == ["referencePerson": .string(id)])
        #expect(content.pictures == ["image": Array("x".utf8)])
        for parts in [part("referencePerson", "Ada"), part("image", "x") + part("image", "y"), part("unknown", "x"), part("gallery", "\u{1}")] {
            #expect(throws: Problem.self) { try read(parts) }
        }
    }

    @Test("a missing or foreign type is told apart from a bad body, and a body too large from both")
    func refusals() {
        func code(_ bytes: [UInt8], _ type: String?, _ body: RecognitionBody = Self.onePicture) -> ProblemCode? {
            do { _ = try BodyContent(bytes, contentType: type, for: body) } catch { return error.code }
            return nil
        }
        #expect(code(Self.picture, nil) == .mediaTypeUnsupported)
        #expect(code(Self.picture, "text/plain") == .mediaTypeUnsupported)
        #expect(code(Self.picture, "image/jpeg", Self.comparison) == .mediaTypeUnsupported)
        #expect(code(Array("{}".utf8), "image/jpeg", .json(RecognitionSchemas.galleryDraft)) == .mediaTypeUnsupported)
        #expect(code(Array("{}".utf8), "application/json") == .invalidRequest)
        #expect(code(Array("{".utf8), "application/json") == .invalidRequest)
        #expect(code([0x7B, 0, 0x7D, 0], "application/json") == .invalidRequest)
        #expect(code(Array(#"{"image":"AAAA","more":1}"#.utf8), "application/json") == .invalidRequest)
        #expect(code([], "multipart/form-data; boundary=b") == .invalidRequest)
        #expect(code([UInt8](repeating: 0, count: Self.onePicture.limit + 1), "image/jpeg") == .bodyTooLarge)
        #expect(code([UInt8](repeating: 0x20, count: (64 << 10) + 1), "application/json", .json(RecognitionSchemas.galleryDraft)) == .bodyTooLarge)
    }

    @Test("rates, counts and flags of a query are read plainly")
    func query() {
        let rate: Schema = RecognitionSchemas.falseMatchRate.schema
        for text in ["1e-5", "0.00001", "1E-05"] { #expect(rate.fault(in: rate.value(plain: text)) == nil) }
        for text in ["1e-6", "", "5", "nan", "1e-5x"] { #expect(rate.fault(in: rate.value(plain: text)) != nil) }
        let count: Schema = .integer(1...20)
        #expect(count.fault(in: count.value(plain: "20")) == nil)
        for text in ["0", "21", "+5", " 5", "5.0", "", "-", "99999999999999999999"] { #expect(count.fault(in: count.value(plain: text)) != nil) }
        #expect(Schema.boolean.value(plain: "true") == true)
        #expect(Schema.boolean.fault(in: Schema.boolean.value(plain: "1")) != nil)
    }
}
