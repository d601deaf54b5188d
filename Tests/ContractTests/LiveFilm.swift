import Biometrics
import CTurboJPEG
import Foundation
import FrameCapture
import TestKit

@testable import FacePipeline

/// Films made of the demo portraits: faces that move over a 720p picture, as JPEGs.
final class LiveFilm {
    static let width: Int = 1_280
    static let height: Int = 720
    private let background: PixelBuffer
    private var portraits: [String: PixelBuffer] = [:]
    private let pipeline: FacePipeline
    /// The face's height in the film, pixels.
    private let size: Double

    /// Where a portrait is pasted: its centre, pixels.
    struct Paste {
        let picture: String
        let x: Double
        let y: Double
    }

    init(models: ModelDirectory, size: Double = 100) {
        pipeline = FacePipeline(models: models)
        self.size = size
        background = PixelBuffer(width: Self.width, height: Self.height)
        for index in background.bytes.indices { background.bytes[index] = UInt8(100 + (index / 3 % Self.width) / 16) }
    }

    /// Head and shoulders of a demo picture, the face as large as the film has it.
    private func portrait(_ name: String) throws -> PixelBuffer {
        if let known = portraits[name] { return known }
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: World.picture(name))))
        let box: FaceBox = try pipeline.analyse(bytes, embed: .none).faces[0].box
        let whole = PixelBuffer(width: 1, height: 1)
        try bytes.withUnsafeBytes { try ImageDecoder().decode($0, header: try ImageHeader.read($0), reduction: 1, into: whole) }
        let (left, top) = (max(0, Int(box.x - box.width / 2)), max(0, Int(box.y - box.height / 2)))
        let (right, bottom) = (min(whole.width, Int(box.x + box.width * 1.5)), min(whole.height, Int(box.y + box.height * 1.5)))
        let cut = PixelBuffer(width: right - left, height: bottom - top)
        for y in 0..<cut.height {
            for x in 0..<cut.width * 3 { cut.bytes[y * cut.width * 3 + x] = whole.bytes[((top + y) * whole.width + left) * 3 + x] }
        }
        let scale: Double = size / box.height
        let small = PixelBuffer(width: Int(Double(cut.width) * scale), height: Int(Double(cut.height) * scale))
        AreaResampler.shrink(cut, into: small)
        portraits[name] = small
        return small
    }

    /// A frame of the film; pasted later is in front.
    func frame(_ pastes: [Paste], named name: String = "frame", at time: ContinuousClock.Instant, stretch: Int = 0) throws -> Frame {
        let picture = PixelBuffer(width: Self.width, height: Self.height)
        _ = picture.bytes.update(fromContentsOf: background.bytes)
        for paste in pastes {
            let portrait: PixelBuffer = try portrait(paste.picture)
            let (left, top) = (Int(paste.x) - portrait.width / 2, Int(paste.y) - portrait.height / 2)
            let columns = max(0, -left)..<max(max(0, -left), min(portrait.width, Self.width - left))
            for y in max(0, -top)..<max(0, min(portrait.height, Self.height - top)) {
                for x in columns.lowerBound * 3..<columns.upperBound * 3 {
                    picture.bytes[((top + y) * Self.width + left) * 3 + x] = portrait.bytes[y * portrait.width * 3 + x]
                }
            }
        }
        return Frame(bytes: Self.jpeg(picture), name: name, fingerprint: nil, arrived: time, stretch: stretch)
    }

    private static func jpeg(_ picture: PixelBuffer) -> [UInt8] {
        let turbo = tjInitCompress()
        defer { tjDestroy(turbo) }
        var output: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        let status = tjCompress2(
            turbo, picture.bytes.baseAddress, CInt(picture.width), 0, CInt(picture.height), CInt(TJPF_RGB.rawValue), &output, &size,
            CInt(TJSAMP_420.rawValue), 90, 0)
        precondition(status == 0)
        defer { tjFree(output) }
        return Array(UnsafeBufferPointer(start: output, count: Int(size)))
    }
}
