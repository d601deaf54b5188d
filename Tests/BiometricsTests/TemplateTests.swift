import Testing

@testable import Biometrics

@Suite struct TemplateTests {
    private let model = ModelID(rawValue: "test")

    @Test("a template has unit length and keeps its direction")
    func unitLength() throws {
        let template = try Template(model: model, normalizing: [3, 0, -4])
        #expect(template.values == [0.6, 0, -0.8])
    }

    @Test("huge and tiny embeddings are scaled without overflow")
    func extremes() throws {
        for scale: Float in [1e30, 1e-30] {
            let template = try Template(model: model, normalizing: [scale, scale])
            #expect(abs(template.values[0] - 0.70710677) < 1e-6)
        }
    }

    @Test("what is no direction is refused")
    func refusals() {
        #expect(throws: TemplateError.empty) { try Template(model: model, normalizing: []) }
        #expect(throws: TemplateError.zeroLength) { try Template(model: model, normalizing: [0, 0]) }
        #expect(throws: TemplateError.notFinite(index: 1)) { try Template(model: model, normalizing: [1, .nan]) }
    }

    @Test("bytes round-trip value for value, least significant byte first")
    func bytes() throws {
        let template = try Template(model: model, normalizing: [1, -2, 3.5])
        let again = try Template(model: model, littleEndianBytes: template.littleEndianBytes)
        #expect(again == template)
        #expect(try Template(model: model, normalizing: [1]).littleEndianBytes == [0, 0, 0x80, 0x3F])
    }

    @Test("bytes that are no template are refused")
    func badBytes() {
        #expect(throws: TemplateError.wrongByteCount(5)) { try Template(model: model, littleEndianBytes: [0, 0, 0, 0, 0]) }
        #expect(throws: TemplateError.empty) { try Template(model: model, littleEndianBytes: []) }
        #expect(throws: TemplateError.notUnitLength(norm: 2)) {
            try Template(model: model, littleEndianBytes: [0, 0, 0, 0x40])
        }
    }

    @Test("the score is the cosine")
    func cosine() throws {
        let one = try Template(model: model, normalizing: [1, 0])
        #expect(try one.score(against: one).rawValue == 1)
        #expect(try one.score(against: Template(model: model, normalizing: [0, 2])).rawValue == 0)
        #expect(try one.score(against: Template(model: model, normalizing: [-5, 0])).rawValue == -1)
    }

    @Test("templates of different models or sizes are never compared")
    func mismatch() throws {
        let other = ModelID(rawValue: "other")
        let one = try Template(model: model, normalizing: [1, 0])
        #expect(throws: TemplateError.modelMismatch(probe: model, reference: other)) {
            try one.score(against: Template(model: other, normalizing: [1, 0]))
        }
        #expect(throws: TemplateError.dimensionMismatch(probe: 2, reference: 3)) {
            try one.score(against: Template(model: model, normalizing: [1, 0, 0]))
        }
    }

    @Test("printing a template reveals none of its values")
    func silence() throws {
        let template = try Template(model: model, normalizing: [0.6, 0.8])
        var dumped = ""
        dump(template, to: &dumped)
        for text in ["\(template)", String(reflecting: template), dumped] {
            #expect(!text.contains("0.6") && !text.contains("0.8"))
        }
    }
}
