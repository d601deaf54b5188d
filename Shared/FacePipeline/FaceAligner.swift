/// Turns a face to the pose its embedder was trained on.
enum FaceAligner {
    /// Side of the aligned face in pixels.
    static let side = 112

    /// Where the five landmarks belong in the aligned face (the ArcFace template that SFace was trained with, order as
    /// in `FaceLandmarks.points`).
    static let reference: [ImagePoint] = [
        ImagePoint(x: 38.2946, y: 51.6963), ImagePoint(x: 73.5318, y: 51.5014), ImagePoint(x: 56.0252, y: 71.7366),
        ImagePoint(x: 41.5493, y: 92.3655), ImagePoint(x: 70.7299, y: 92.2041),
    ]

    /// Distance of the eyes in the aligned face: a face with its eyes nearer than this is enlarged.
    static let interEyeDistance = 35.2378

    /// The turn, scale and shift that bring the landmarks nearest to the template (least squares; Umeyama 1991, in the
    /// closed form that two dimensions allow).
    /// - Returns: picture → aligned face; `nil` when all landmarks fall on one point.
    static func similarity(_ landmarks: FaceLandmarks) -> AffineTransform? {
        similarity(from: landmarks.points, to: reference)
    }

    static func similarity(from source: [ImagePoint], to target: [ImagePoint]) -> AffineTransform? {
        let count = Double(source.count)
        let sourceX = source.reduce(0) { $0 + $1.x } / count
        let sourceY = source.reduce(0) { $0 + $1.y } / count
        let targetX = target.reduce(0) { $0 + $1.x } / count
        let targetY = target.reduce(0) { $0 + $1.y } / count
        // As complex numbers: the factor a + ib that minimises Σ|target − factor · source|².
        var (real, imaginary, spread) = (0.0, 0.0, 0.0)
        for (from, to) in zip(source, target) {
            let (fx, fy, tx, ty) = (from.x - sourceX, from.y - sourceY, to.x - targetX, to.y - targetY)
            real += fx * tx + fy * ty
            imaginary += fx * ty - fy * tx
            spread += fx * fx + fy * fy
        }
        guard spread > 1e-9, real * real + imaginary * imaginary > 1e-18 else { return nil }
        let (a, b) = (real / spread, imaginary / spread)
        return AffineTransform(
            a: a, b: -b, tx: targetX - a * sourceX + b * sourceY, c: b, d: a, ty: targetY - b * sourceX - a * sourceY)
    }

    /// The part of the aligned face that is skin, whatever the hair and the background: around eyes, nose and mouth.
    static let skinColumns = 20..<92
    static let skinRows = 30..<106

    /// The share of that part that lies outside a picture, 0…1, on a grid of 4 pixels.
    /// - Parameter toUpright: aligned face → pixels of the upright picture.
    static func shareOutside(_ toUpright: AffineTransform, width: Int, height: Int) -> Double {
        var (outside, count) = (0, 0)
        for y in stride(from: skinRows.lowerBound, to: skinRows.upperBound, by: 4) {
            for x in stride(from: skinColumns.lowerBound, to: skinColumns.upperBound, by: 4) {
                let point = toUpright.apply(ImagePoint(x: Double(x), y: Double(y)))
                let inside =
                    point.x >= -0.5 && point.y >= -0.5 && point.x <= Double(width) - 0.5
                    && point.y <= Double(height) - 0.5
                outside += inside ? 0 : 1
                count += 1
            }
        }
        return Double(outside) / Double(count)
    }

    /// Cuts a face out.
    /// - Parameters:
    ///   - toPicture: aligned face → pixels of `picture`; may mirror.
    ///   - target: made 112×112 and filled; black where the picture ends.
    static func warp(_ picture: PixelBuffer, toPicture: AffineTransform, into target: PixelBuffer) {
        target.resize(width: side, height: side)
        let shrink = (abs(toPicture.a * toPicture.d - toPicture.b * toPicture.c)).squareRoot()
        // Bilinear reading covers two pixels; beyond that, several readings are averaged lest detail alias.
        let samples = shrink > 2 ? min(16, Int(shrink)) : 1
        let share = 1 / Float(samples * samples)
        let offsets = (0..<samples).map { (Double($0) + 0.5) / Double(samples) - 0.5 }
        let sampler = BilinearSampler(picture)
        let output = target.bytes
        for y in 0..<side {
            for x in 0..<side {
                var sum = SIMD4<Float>(repeating: 0)
                for offsetY in offsets {
                    for offsetX in offsets {
                        let point = toPicture.apply(ImagePoint(x: Double(x) + offsetX, y: Double(y) + offsetY))
                        sum += sampler.read(x: point.x, y: point.y)
                    }
                }
                let pixel = sum * share + 0.5
                let start = 3 * (y * side + x)
                output[start] = UInt8(pixel[0])
                output[start + 1] = UInt8(pixel[1])
                output[start + 2] = UInt8(pixel[2])
            }
        }
    }
}
