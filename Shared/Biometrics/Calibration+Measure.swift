/// Why faces cannot be turned into a calibration.
package enum CalibrationError: Error, Equatable, Sendable {
    /// No pair of pictures of one person, or none of two persons.
    case tooFewPairs(genuine: Int, impostor: Int)
    case template(TemplateError)
}

/// A template and who it shows.
package struct LabelledTemplate: Sendable {
    package let person: String
    package let template: Template

    package init(person: String, template: Template) {
        self.person = person
        self.template = template
    }
}

/// Scores of all pairs among some templates, apart by whether the pair shows one person or two.
package struct PairScores: Sendable, Equatable {
    package private(set) var genuine = ScoreDistribution()
    package private(set) var impostor = ScoreDistribution()

    /// Compares every template with every later one: n·(n − 1) / 2 comparisons.
    /// - Throws: `.modelMismatch`, `.dimensionMismatch`.
    package init(allPairsOf faces: [LabelledTemplate]) throws(TemplateError) {
        for first in faces.indices {
            for second in faces.indices.dropFirst(first + 1) {
                let score = try faces[first].template.score(against: faces[second].template).rawValue
                if faces[first].person == faces[second].person { genuine.add(score) } else { impostor.add(score) }
            }
        }
    }

    /// The share of genuine pairs accepted at the threshold whose measured false-match rate is at most `target`
    /// (TAR at FMR); `nil` without pairs of both kinds.
    package func trueAcceptRate(at target: FalseMatchRate) -> Double? {
        guard genuine.total > 0, let threshold = impostor.threshold(for: target) else { return nil }
        return genuine.rate(atOrAbove: threshold)
    }
}

extension Calibration {
    /// Chooses thresholds for all offered rates from all pairs of the faces.
    /// - Parameter source: what the faces are, in words.
    /// - Throws: `.tooFewPairs`; `.template` when the faces come from different models.
    package static func measure(
        _ faces: [LabelledTemplate], model: ModelID, source: String
    ) throws(CalibrationError) -> Calibration {
        let scores: PairScores
        do { scores = try PairScores(allPairsOf: faces) } catch { throw .template(error) }
        guard scores.genuine.total > 0, scores.impostor.total > 0 else {
            throw .tooFewPairs(genuine: scores.genuine.total, impostor: scores.impostor.total)
        }
        let rows = FalseMatchRate.offered.compactMap { target -> CalibrationRow? in
            guard let threshold = scores.impostor.threshold(for: target) else { return nil }
            return CalibrationRow(
                target: target, threshold: threshold,
                measured: FalseMatchRate(rawValue: scores.impostor.rate(atOrAbove: threshold)),
                falseNonMatchRate: 1 - scores.genuine.rate(atOrAbove: threshold))
        }
        return Calibration(
            model: model, source: source, images: faces.count, people: Set(faces.map(\.person)).count,
            genuinePairs: scores.genuine.total, impostorPairs: scores.impostor.total, rows: rows)
    }

    /// The Swift file that publishes these tables: `Calibration+Published.swift`.
    package static func publishedFile(_ tables: [Calibration]) -> String {
        var text = """
            // Made by `vultus-edge bench calibrate`: measured, not written. Do not edit by hand.

            extension Calibration {
                package static let published: [Calibration] = [

            """
        for (index, table) in tables.enumerated() {
            text += "        Calibration(\n"
            text += "            model: ModelID(rawValue: \"\(table.model)\"),\n"
            text += "            source: \"\(table.source)\",\n"
            text += "            images: \(table.images), people: \(table.people),\n"
            text += "            genuinePairs: \(table.genuinePairs), impostorPairs: \(table.impostorPairs),\n"
            text += "            rows: [\n"
            for row in table.rows {
                text += "                CalibrationRow(\n"
                text += "                    target: FalseMatchRate(rawValue: \(row.target.rawValue)),\n"
                text += "                    threshold: ComparisonScore(rawValue: \(row.threshold.rawValue)),\n"
                text += "                    measured: FalseMatchRate(rawValue: \(row.measured.rawValue)),\n"
                text += "                    falseNonMatchRate: \(row.falseNonMatchRate)),\n"
            }
            // As the formatter wants it, which the committed file has been through.
            text += index + 1 < tables.count ? "            ]),\n" : "            ])\n"
        }
        return text + "    ]\n}\n"
    }
}
