// Made by `vultus-edge bench calibrate`: measured, not written. Do not edit by hand.

extension Calibration {
    package static let published: [Calibration] = []
}
