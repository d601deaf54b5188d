import Glibc

@testable import FacePipeline

/// Heads and prints as geometry: five points in space or in a plane, turned, seen from afar, with a detector's jitter.
struct PointFace {
    /// In distances of the eyes; y downwards, z towards the camera (adult means: a nose's tip 30 of 63 mm out of the plane of eyes and mouth).
    static let head: [(x: Double, y: Double, z: Double)] = [(-0.5, 0, 0), (0.5, 0, 0), (0, 0.57, 0.48), (-0.41, 1.155, 0), (0.41, 1.155, 0)]
    static let print: [(x: Double, y: Double, z: Double)] = head.map { ($0.x, $0.y, 0) }

    let points: [(x: Double, y: Double, z: Double)]
    var jitter: Double = 0.012

    /// - Parameters:
    ///   - yaw, pitch: degrees; positive to the picture's right, and up.
    ///   - eyes: their distance, pixels.
    func landmarks(yaw: Double, pitch: Double = 0, eyes: Double = 80, random: inout Numbers) -> FaceLandmarks {
        let (y, p) = (yaw * Double.pi / 180, pitch * Double.pi / 180)
        let seen: [ImagePoint] = points.map { point in
            let x: Double = point.x * cos(y) + point.z * sin(y)
            let depth: Double = -point.x * sin(y) + point.z * cos(y)
            let down: Double = (point.y - 0.57) * cos(p) - depth * sin(p)
            return ImagePoint(
                x: 320 + eyes * (x + jitter * random.normal()), y: 240 + eyes * (down + jitter * random.normal()))
        }
        return FaceLandmarks(rightEye: seen[0], leftEye: seen[1], nose: seen[2], rightMouth: seen[3], leftMouth: seen[4])
    }
}

/// Small, seeded, and the same everywhere.
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// 0..<1.
    mutating func uniform() -> Double {
        for _ in 0..<3 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
        }
        return Double(state >> 11) / Double(1 << 53)
    }

    /// Mean 0, deviation 1, near enough.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}

/// A grey picture whose pixels are given by a function, and a face in the middle of it, lent as a pipeline lends it.
struct PaintedFace {
    static let width: Int = 480
    static let height: Int = 180
    private let picture = DecodedPicture(
        pixels: PixelBuffer(width: width, height: height), reduction: 1, fromUpright: .resize(x: 1, y: 1))

    /// - Parameter paint: by column and row, 0…255; noise of ±3 is added.
    init(random: inout Numbers, _ paint: (Int, Int) -> Double) {
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let value = UInt8(max(0, min(255, paint(x, y) + 6 * random.uniform() - 3)))
                for channel in 0..<3 { picture.pixels.bytes[3 * (y * Self.width + x) + channel] = value }
            }
        }
    }

    /// One colour all over; red, green, blue.
    init(_ colour: [UInt8]) {
        for index in picture.pixels.bytes.indices { picture.pixels.bytes[index] = colour[index % 3] }
    }

    /// Where the eyes are 48 pixels apart.
    static let landmarks = FaceLandmarks(
        rightEye: ImagePoint(x: 216, y: 70), leftEye: ImagePoint(x: 264, y: 70), nose: ImagePoint(x: 240, y: 97),
        rightMouth: ImagePoint(x: 220, y: 125), leftMouth: ImagePoint(x: 260, y: 125))

    static let box = FaceBox(x: 190, y: 30, width: 100, height: 130)

    func view(yaw: Double = 0, pitch: Double = 0, landmarks: FaceLandmarks = Self.landmarks, box: FaceBox = Self.box) -> FaceView {
        let aligned = PixelBuffer(width: 1, height: 1)
        FaceAligner.warp(picture.pixels, toPicture: FaceAligner.similarity(Self.landmarks)!.inverse!, into: aligned)
        let quality = FaceQuality(
            interEyeDistance: 48, boxSide: 100, detectionScore: 0.9, sharpness: 0.1, yaw: yaw, pitch: pitch, roll: 0, brightness: 0.5, blackShare: 0,
            whiteShare: 0, outsideShare: 0)
        return FaceView(
            box: box, landmarks: landmarks, quality: quality, aligned: aligned, sharp: picture, scene: picture)
    }

    /// Smooth light, as on a cheek.
    static func skin(_ x: Int, _ y: Int) -> Double { 140 + 25 * sin(Double(x) / 40) - 20 * cos(Double(y) / 55) }

    static func isFace(_ x: Int, _ y: Int) -> Bool { (180...300).contains(x) && (20...170).contains(y) }
}
