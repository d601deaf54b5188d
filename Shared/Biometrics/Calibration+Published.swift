// Made by `vultus-edge bench calibrate`: measured, not written. Do not edit by hand.

extension Calibration {
    package static let published: [Calibration] = [
        Calibration(
            model: ModelID(rawValue: "sface-2021dec"),
            source: "LFW development pictures (those of pairsDevTest.txt), face nearest the centre, all pairs",
            images: 1549, people: 963,
            genuinePairs: 983, impostorPairs: 1197943,
            rows: [
                CalibrationRow(
                    target: FalseMatchRate(rawValue: 0.001),
                    threshold: ComparisonScore(rawValue: 0.36),
                    measured: FalseMatchRate(rawValue: 0.0009891956462035338),
                    falseNonMatchRate: 0.014242115971515812),
                CalibrationRow(
                    target: FalseMatchRate(rawValue: 0.0001),
                    threshold: ComparisonScore(rawValue: 0.414),
                    measured: FalseMatchRate(rawValue: 9.516312545755516e-05),
                    falseNonMatchRate: 0.02339776195320442),
                CalibrationRow(
                    target: FalseMatchRate(rawValue: 1e-05),
                    threshold: ComparisonScore(rawValue: 0.472),
                    measured: FalseMatchRate(rawValue: 9.182406842395674e-06),
                    falseNonMatchRate: 0.04679552390640895),
            ])
    ]
}
