import FacePipeline

/// What pictures are wanted of a camera.
package struct CapturePolicy: Hashable, Sendable {
    /// USB 2's high-bandwidth isochronous limit: 3 × 1,024 bytes in each of 8,000 microframes a second (USB 2.0, 5.6.3). Half of it,
    /// so that two cameras fit on a bus.
    package static let busBudget: Double = 12_288_000

    package var size: PictureSize
    /// Frames a second.
    package var rate: Double
    /// The one format to use, or `nil` for the best.
    package var format: CaptureFormat?

    package init(size: PictureSize = PictureSize(width: 1280, height: 720), rate: Double = 15, format: CaptureFormat? = nil) {
        self.size = size
        self.rate = rate
        self.format = format
    }

    /// The mode that is nearest to what is wanted: in size first, then in rate, then by format. Raw pixels need no decoding,
    /// so they come first where the bus carries them; beyond that, motion JPEG; grey pictures have no colour to recognise by
    /// and come last.
    /// - Returns: `nil` when nothing that is read here is offered, or not in the format asked for.
    package func choose(from camera: CameraDevice) -> CaptureMode? {
        var best: (mode: CaptureMode, cost: [Double])?
        for offered in camera.formats {
            guard let format = CaptureFormat(offered.code), self.format == nil || self.format == format else { continue }
            for size in offered.sizes {
                for mode in modes(offered.code, format, size) {
                    let cost: [Double] = cost(mode, isUSB: camera.isUSB)
                    if best.map({ cost.lexicographicallyPrecedes($0.cost) }) ?? true { best = (mode, cost) }
                }
            }
            // Some drivers list no sizes: what is wanted is asked for, and what the driver makes of it taken.
            if offered.sizes.isEmpty {
                let mode = CaptureMode(code: offered.code, format: format, size: size, interval: wantedInterval)
                let cost: [Double] = cost(mode, isUSB: camera.isUSB)
                if best.map({ cost.lexicographicallyPrecedes($0.cost) }) ?? true { best = (mode, cost) }
            }
        }
        return best?.mode
    }

    private var wantedInterval: FrameInterval { FrameInterval(numerator: 1000, denominator: UInt32((rate * 1000).rounded())) }

    private func modes(_ code: FourCC, _ format: CaptureFormat, _ offered: OfferedSize) -> [CaptureMode] {
        let (size, intervals): (PictureSize, [FrameInterval]) =
            switch offered {
            case .discrete(let size, let intervals): (size, intervals)
            case .stepwise(let least, let most, let stepWidth, let stepHeight, let intervals):
                (
                    PictureSize(
                        width: Self.step(self.size.width, least.width, most.width, stepWidth),
                        height: Self.step(self.size.height, least.height, most.height, stepHeight)), intervals
                )
            }
        return (intervals.isEmpty ? [wantedInterval] : intervals).map { CaptureMode(code: code, format: format, size: size, interval: $0) }
    }

    private static func step(_ wanted: Int, _ least: Int, _ most: Int, _ step: Int) -> Int {
        let steps: Int = max(0, min(wanted, most) - least) / step
        return least + steps * step
    }

    /// Compared from the left; less is better.
    private func cost(_ mode: CaptureMode, isUSB: Bool) -> [Double] {
        let load: Double = mode.format.bytesPerSecond(mode.size, rate: min(mode.interval.rate, rate))
        let isTooMuch: Bool = isUSB && mode.format != .mjpeg && load > Self.busBudget
        let order: Double =
            switch mode.format {
            case .nv12: isTooMuch ? 3 : 0
            case .yuyv: isTooMuch ? 4 : 1
            case .mjpeg: 2
            case .grey: 5
            }
        // Pixels that are missing cost twice those that are too many; a rate within a twentieth is the rate.
        let area: Double = distance(Double(mode.size.pixels), Double(size.pixels), missing: 2)
        let pace: Double = distance(mode.interval.rate, rate, missing: 4)
        // Colour before size: a grey picture of the right size is not preferred to a coloured one of the next.
        return [mode.format == .grey ? 1 : 0, area, pace < 0.07 ? 0 : pace, order, load]
    }

    /// 0 where it is as wanted.
    private func distance(_ value: Double, _ wanted: Double, missing: Double) -> Double {
        let ratio: Double = value / wanted
        return ratio >= 1 ? ratio - 1 : missing * (1 / ratio - 1)
    }
}

/// How a camera is to stream.
package struct CaptureMode: Hashable, Sendable, Codable {
    package let code: FourCC
    package let format: CaptureFormat
    package let size: PictureSize
    package let interval: FrameInterval

    package init(code: FourCC, format: CaptureFormat, size: PictureSize, interval: FrameInterval) {
        self.code = code
        self.format = format
        self.size = size
        self.interval = interval
    }
}

extension CaptureMode: CustomStringConvertible {
    package var description: String { "\(code) \(size) at \((interval.rate * 100).rounded() / 100) frames a second" }
}
