import HubDomain
import WireModel

extension IndexPage {
    init(_ entries: [CatalogueEntry], _ reader: Reader) {
        let words = CatalogueWords(language: reader.language)
        rows = entries.map { entry in
            Row(
                api: entry.api.rawValue, name: entry.title, summary: entry.summary, address: reader.address(of: entry.api),
                prices: entry.plans.compactMap { plan in
                    plan.price.map { PriceLine(plan: entry.plans.count > 1 ? plan.plan : "", words: $0.words(in: reader.language)) }
                },
                coming: words.changes(entry).map { change in
                    ComingLine(
                        words: reader.say("changes on \(change.day)", "\(change.day) 起变更"), changes: reader.address(of: entry.api) + "#changes")
                },
                free: words.free(entry.plans), trial: words.trial(entry.offer.terms), frequency: words.frequency(entry.offer.terms),
                approval: words.approval(entry.offer.terms))
        }
    }
}
