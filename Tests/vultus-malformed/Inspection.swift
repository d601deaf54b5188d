import FacePipeline
import FrameCapture
import Glibc

/// Gives malformed things to what reads cameras and files, as the agent would, and says what is wrong with the answer.
final class Inspection {
    /// Faults that are planted to see that they are found.
    enum Plant: String, CaseIterable {
        /// Raw pixels are read one byte past their end, by our own code.
        case pixels
        /// A JPEG is read one byte past its end, by a library that the sanitizer was not compiled into.
        case jpeg
    }

    private let pipeline: FacePipeline
    private let plant: Plant?
    private(set) var accepted: Int = 0
    private(set) var refused: [String: Int] = [:]
    private(set) var pictures: Int = 0

    init(models: ModelDirectory, plant: Plant?) {
        pipeline = FacePipeline(models: models)
        self.plant = plant
    }

    /// - Parameters:
    ///   - isThorough: faces are looked for as well.
    /// - Returns: what is wrong; `nil` when nothing is.
    func inspect(_ one: Malformed, _ kind: GuardedBytes.Guard, isThorough: Bool) -> String? {
        switch one.content {
        case .encoded(let bytes): return judge(one, read(bytes, nil, kind, isThorough: isThorough))
        case .raw(let bytes, let layout): return judge(one, read(bytes, layout, kind, isThorough: isThorough))
        case .stream(let pieces, let limit): return cut(pieces, limit: limit, kind)
        }
    }

    private func judge(_ one: Malformed, _ error: ImageError?) -> String? {
        if let error { refused[String(describing: error).prefix { $0 != "(" }.description, default: 0] += 1 } else { accepted += 1 }
        switch (one.expectation, error) {
        case (.anything, _), (.accepted, nil): return nil
        case (.accepted, let error?): return "a sound picture was refused: \(error)"
        case (_, nil): return "it was taken for a picture"
        case (.refused, .wrongLayout?), (.refused, .shortOfPixels?), (.refused, .tooManyPixels?): return nil
        case (.refusedUnseen, .tooManyPixels?), (.refusedUnseen, .tooManyScans?): return nil
        // Layouts that say nothing, and the forged picture that has no frame to forge.
        case (_, let error?): return "refused for another reason than what is wrong with it: \(error)"
        }
    }

    /// All that the agent and `doctor` do with a frame.
    /// - Returns: why it was refused.
    private func read(_ bytes: [UInt8], _ layout: RawLayout?, _ kind: GuardedBytes.Guard, isThorough: Bool) -> ImageError? {
        GuardedBytes.with(bytes, kind) { given in
            let bytes: UnsafeRawBufferPointer = planted(given, layout)
            do throws(FacePipelineError) {
                _ = try pipeline.glance(bytes, as: layout, columns: 32, rows: 18)
                do throws(ImageError) { _ = try PictureSurvey.of(bytes, layout: layout) } catch { throw .image(error) }
                if isThorough {
                    if let layout { _ = try pipeline.analyse(bytes, as: layout) } else { _ = try pipeline.analyse(bytes) }
                }
                return nil
            } catch {
                if case .image(let error) = error { return error }
                preconditionFailure("the pipeline failed, and not for the picture: \(error)")
            }
        }
    }

    /// With a fault planted, one byte more than there are.
    private func planted(_ bytes: UnsafeRawBufferPointer, _ layout: RawLayout?) -> UnsafeRawBufferPointer {
        switch (plant, layout) {
        case (.pixels?, .some), (.jpeg?, nil): UnsafeRawBufferPointer(start: bytes.baseAddress, count: bytes.count + 1)
        default: bytes
        }
    }

    private func cut(_ pieces: [[UInt8]], limit: Int, _ kind: GuardedBytes.Guard) -> String? {
        var splitter = JPEGSplitter(limit: limit)
        var fault: String?
        for piece in pieces {
            let found: [[UInt8]] = GuardedBytes.with(piece, kind) { splitter.append($0) }
            for picture in found {
                pictures += 1
                if picture.count > limit { fault = "a picture of \(picture.count) bytes beyond the limit of \(limit)" }
                if picture.count < 4 || !picture.starts(with: [0xFF, 0xD8]) || picture.suffix(2) != [0xFF, 0xD9] { fault = "a picture without start or end" }
                _ = read(picture, nil, kind, isThorough: false)
            }
            if splitter.pending > limit { fault = "\(splitter.pending) bytes are kept, beyond the limit of \(limit)" }
        }
        return fault
    }
}
