import FacePipeline

/// Whether a highlight slides over a face that does not turn. On a living face it stays where the face is round, as long as the face keeps
/// its pose; on a glossy print or a screen that is moved it wanders, and the pose read from the nose stays as it is printed.
struct HighlightMotion {
    struct Spot: Sendable {
        /// Of the aligned face's skin, 0…1.
        let share: Double
        /// Middle, in pixels of the aligned face.
        let x: Double
        let y: Double
        let yaw: Double
        let pitch: Double
    }

    /// Every channel at least; 255 is white.
    private static let level: UInt8 = 235
    static let least: Int = 6

    let spots: [Spot]

    /// - Returns: `nil` where no highlight of a usable size is seen.
    static func spot(_ view: FaceView) -> Spot? {
        let pixels = view.aligned
        var (count, across, down): (Int, Int, Int) = (0, 0, 0)
        withExtendedLifetime(pixels) {
            let bytes = pixels.bytes
            for y in FaceView.skinRows {
                for x in FaceView.skinColumns {
                    let start: Int = 3 * (y * pixels.width + x)
                    if bytes[start] >= level, bytes[start + 1] >= level, bytes[start + 2] >= level {
                        count += 1
                        across += x
                        down += y
                    }
                }
            }
        }
        let share: Double = Double(count) / Double(FaceView.skinRows.count * FaceView.skinColumns.count)
        guard (0.005...0.3).contains(share) else { return nil }
        return Spot(
            share: share, x: Double(across) / Double(count), y: Double(down) / Double(count), yaw: view.quality.yaw, pitch: view.quality.pitch)
    }

    /// `nil` where it cannot tell: no highlight, or a face that turned.
    var reading: CueReading? {
        guard spots.count >= Self.least else { return nil }
        func spread(_ value: (Spot) -> Double) -> Double {
            let mean: Double = spots.reduce(0) { $0 + value($1) } / Double(spots.count)
            return (spots.reduce(0) { $0 + (value($1) - mean) * (value($1) - mean) } / Double(spots.count)).squareRoot()
        }
        guard spread(\.yaw) <= 5, spread(\.pitch) <= 5 else { return nil }
        let wander: Double = (spread(\.x) * spread(\.x) + spread(\.y) * spread(\.y)).squareRoot() / FaceView.alignedEyeDistance
        return CueReading(.specular, suspicion: wander.ramp(0.2, 0.45), measured: wander)
    }
}
