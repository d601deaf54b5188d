/// A page of the console before its frame.
struct ConsolePage: Shown {
    /// Who it is for, which decides what the navigation offers.
    enum Side { case visitor, member, staff }

    let side: Side
    let title: String
    var lead: String = ""
    /// The entry of the navigation that it belongs to.
    var section: String = ""
    var blocks: [Block]
    var isNarrow: Bool = false

    func computed(_ name: String) -> Any? { name == "hasLead" ? !lead.isEmpty : nil }

    /// Puts a refusal to the form it came from, or on top where that form is no longer on the page.
    mutating func refuse(_ refusal: Refusal, at action: String, sent: (inout FormView) -> Void) {
        for index in blocks.indices where blocks[index].form?.action == action {
            sent(&blocks[index].form!)
            return
        }
        blocks.insert(.notice(.bad, refusal.what, [refusal.detail, refusal.remedy].filter { !$0.isEmpty }.joined(separator: " — ")), at: 0)
    }
}
