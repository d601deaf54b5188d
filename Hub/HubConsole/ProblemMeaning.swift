import HubDomain
import WireModel

/// What a code means and what to do about it, for whoever looks it up. Where a refusal is declared with its sentences, those are it;
/// ``ProblemCode/guide`` has the rest.
struct ProblemMeaning {
    let title: String
    let remedy: String

    private static let refusals: [ProblemCode: (english: Problem, chinese: Problem)] = {
        var known: [ProblemCode: (english: Problem, chinese: Problem)] = [:]
        for refusal in GateRefusal.kinds(of: .search) { known[refusal.code] = known[refusal.code] ?? (refusal.problem(in: .en), refusal.problem(in: .zh)) }
        for refusal in MeterRefusal.kinds(of: .search) { known[refusal.code] = known[refusal.code] ?? (refusal.problem(in: .en), refusal.problem(in: .zh)) }
        return known
    }()

    init(_ code: ProblemCode, _ language: Language) {
        if let guide = code.guide {
            (title, remedy) = (language.text(guide.title.0, guide.title.1), language.text(guide.remedy.0, guide.remedy.1))
        } else {
            let problem: Problem? = Self.refusals[code].map { language == .en ? $0.english : $0.chinese }
            (title, remedy) = (problem?.title ?? "", problem?.remedy ?? "")
        }
    }
}

extension ErrorGroupView.Row {
    init(_ code: ProblemCode, _ language: Language) {
        let meaning = ProblemMeaning(code, language)
        self.init(code: code.rawValue, status: code.status, meaning: meaning.title, remedy: meaning.remedy)
    }
}
