import FacePipeline
import Glibc

/// Whether light bands travel over a face: a screen whose backlight is pulsed, or that is drawn line by line, under a camera that reads
/// line by line. Lamps on the mains do the same to the whole scene, so what shows beside the face too is no cue, and where nothing is
/// seen beside the face there is none.
struct BandFlicker {
    struct Rows: Sendable {
        /// Of the aligned face's skin: mean green, row by row.
        let face: [Float]
        /// Beside the face, in bands; `nil` where there was not enough of it.
        let beside: [Float]?
        /// Pixels of the picture that a row of the aligned face covers.
        let scale: Double
    }

    /// Of the fixed part of the picture beside the face, in pixels of the picture.
    let height: Double
    static let bands: Int = 64
    static let least: Int = 8

    let sights: [Rows]

    /// `nil` where it cannot tell.
    var reading: CueReading? {
        let seen: [Rows] = sights.filter { $0.beside != nil }
        guard seen.count >= Self.least, seen.count * 2 >= sights.count else { return nil }
        let face: [Double] = Self.modulation(seen.map(\.face))
        // From four cycles on: fewer are a head that turns in the light.
        guard let found = face.indices.dropFirst(4).max(by: { face[$0] < face[$1] }) else { return nil }
        let amplitude: Double = (2 * face[found]).squareRoot()
        let near: Double = (found - 1...min(found + 1, face.count - 1)).reduce(0) { $0 + face[$1] }
        let all: Double = face.dropFirst(1).reduce(0, +)
        let scale: Double = seen.reduce(0) { $0 + $1.scale } / Double(seen.count)
        // The same period beside the face, in cycles of the part that is looked at there.
        let cycles: Double = Double(found) / (Double(FaceView.skinRows.count) * scale) * height
        let light: [Double] = Self.modulation(seen.map { $0.beside ?? [] })
        let bin: Int = max(1, min(light.count - 1, Int(cycles.rounded())))
        let room: Double = (2 * (max(1, bin - 2)...min(light.count - 1, bin + 2)).reduce(0) { max($0, light[$1]) }).squareRoot()
        let clarity: Double = amplitude.ramp(0.01, 0.025) * (near / max(1e-12, all)).ramp(0.48, 0.56)
        return CueReading(.flicker, suspicion: clarity * (1 - (room / max(1e-9, amplitude)).ramp(0.25, 0.5)), measured: amplitude)
    }

    /// By cycles a profile, 0 first: mean square amplitude, halved, of what changes from frame to frame, as a share of the brightness.
    private static func modulation(_ profiles: [[Float]]) -> [Double] {
        let count: Int = profiles[0].count
        let mean: [Double] = (0..<count).map { row in profiles.reduce(0) { $0 + Double($1[row]) } / Double(profiles.count) }
        var power = [Double](repeating: 0, count: count / 3)
        for profile in profiles {
            var ratio: [Double] = zip(profile, mean).map { Double($0) / max(1, $1) - 1 }
            let level: Double = ratio.reduce(0, +) / Double(count)
            for row in ratio.indices { ratio[row] -= level }
            for cycles in power.indices {
                var (real, imaginary): (Double, Double) = (0, 0)
                for row in ratio.indices {
                    let angle: Double = 2 * Double.pi * Double(cycles * row) / Double(count)
                    real += ratio[row] * cos(angle)
                    imaginary += ratio[row] * sin(angle)
                }
                // Two sides of the spectrum: a sine of amplitude a has a²/2.
                power[cycles] += 2 * (real * real + imaginary * imaginary) / Double(count * count) / Double(profiles.count)
            }
        }
        return power
    }
}
