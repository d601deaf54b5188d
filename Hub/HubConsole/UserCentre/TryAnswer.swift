import FoundationEssentials
import RecognitionAPI
import ServiceSupport
import WireModel

/// An API's answer as people read it: boxes on the picture, the figures, and the answer itself.
struct TryAnswer {
    let visit: Visit
    let image: [UInt8]
    let json: JSONValue

    func blocks(took: Duration, units: String, record: String) -> [Block] {
        let milliseconds: Int64 = took.components.seconds * 1_000 + took.components.attoseconds / 1_000_000_000_000_000
        var facts: [(String, String)] = [
            (visit.say("Took", "耗时"), "\(milliseconds) ms"), (visit.say("Units", "计量"), units), (visit.say("Metering record", "计量记录"), record),
        ]
        if let score = json["score"]?.double { facts.insert((visit.say("Comparison score", "比对分数"), Self.rounded(score)), at: 0) }
        if let threshold = json["threshold"]?.double { facts.insert((visit.say("Threshold", "阈值"), Self.rounded(threshold)), at: 1) }
        var blocks: [Block] = [.heading(visit.say("The answer", "结果"), id: "answer")]
        if let width = json["width"]?.integer, let height = json["height"]?.integer, let faces = json["faces"]?.items {
            blocks.append(drawn(width, height, faces))
        }
        return blocks + [.facts(facts), Block(code: CodeView(name: visit.say("The answer as JSON", "JSON 结果"), source: JSONText.pretty(json)))]
    }

    private func drawn(_ width: Int64, _ height: Int64, _ faces: [JSONValue]) -> Block {
        let unit: Double = Double(max(width, height)) / 100
        let boxes: [PictureView.BoxView] = faces.enumerated().compactMap { index, face in
            guard let box = face["box"], let x = box["x"]?.double, let y = box["y"]?.double, let wide = box["width"]?.double, let high = box["height"]?.double
            else { return nil }
            let outcome: String = face["outcome"]?.text ?? "found"
            let score: Double? = face["score"]?.double ?? face["detectionScore"]?.double
            let words: String = (face["outcome"] == nil ? "\(index + 1)" : self.words(outcome)) + (score.map { " " + Self.rounded($0) } ?? "")
            let size: Double = max(2.6 * unit, min(4 * unit, wide / 5))
            return PictureView.BoxView(
                x: ChartView.text(x), y: ChartView.text(y), width: ChartView.text(wide), height: ChartView.text(high), tone: outcome, words: words,
                wordsX: ChartView.text(x), wordsY: ChartView.text(y > size * 1.3 ? y - size * 0.35 : y + high + size * 1.1), size: ChartView.text(size),
                stroke: ChartView.text(max(1, unit * 0.45)))
        }
        let type: String = image.first == 0x89 ? "image/png" : "image/jpeg"
        return Block(
            picture: PictureView(
                width: Int(width), height: Int(height), source: "data:\(type);base64,\(Data(image).base64EncodedString())",
                alternative: visit.say("Your picture: \(faces.count) faces found, each in a box", "您的图片：检测到 \(faces.count) 张人脸，均已框出"), boxes: boxes))
    }

    private func words(_ outcome: String) -> String {
        switch outcome {
        case "match": visit.say("match", "匹配")
        case "unknown": visit.say("unknown", "陌生人")
        default: visit.say("undecided", "无法判定")
        }
    }

    private static func rounded(_ number: Double) -> String { String((number * 1_000).rounded() / 1_000) }
}

extension JSONValue {
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// JSON with a line for each member, as people read it.
enum JSONText {
    static func pretty(_ value: JSONValue, indent: String = "") -> String {
        let inner: String = indent + "  "
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines: [String] = members.sorted { $0.key < $1.key }.map { "\(inner)\"\($0.key)\": \(pretty($0.value, indent: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        case .array(let items) where !items.isEmpty:
            return "[\n\(items.map { inner + pretty($0, indent: inner) }.joined(separator: ",\n"))\n\(indent)]"
        default: return (try? JSON.text(value)) ?? ""
        }
    }
}
