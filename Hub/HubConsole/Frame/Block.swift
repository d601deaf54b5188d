/// What a console's page is made of, top to bottom: one of these members is there. Names are those that the templates use, and none is used
/// at two levels, because a template that finds none looks further out.
struct Block: Shown {
    var heading: HeadingView?
    var paragraph: String?
    var notice: NoticeView?
    var facts: [FactView]?
    var table: TableView?
    var form: FormView?
    var chart: ChartView?
    var lineCharts: [LineChartView]?
    var checklist: [StepView]?
    var secret: SecretView?
    var code: CodeView?
    var picture: PictureView?
    var prose: [AgreementPage.Block]?
    var difference: [LineView]?
    var figures: [FigureView]?
    /// Whether scripts renew the figures every so often.
    var isLive: Bool = false
    var links: [LinkView]?
    var filter: FilterView?
    var share: ShareBar?
    /// Buttons beside each other.
    var buttons: [FormView]?
    /// Where what comes next, up to ``closesFollowed``, is told again when it has changed.
    var followed: String?
    var closesFollowed: Bool = false

    func computed(_ name: String) -> Any? {
        switch name {
        case "hasFacts": facts != nil
        case "hasFigures": figures != nil
        case "hasChecklist": checklist != nil
        case "hasLineCharts": lineCharts != nil
        case "hasProse": prose != nil
        case "hasDifference": difference != nil
        case "hasLinks": links != nil
        case "hasButtons": buttons != nil
        default: nil
        }
    }

    static func heading(_ text: String, id: String? = nil) -> Block { Block(heading: HeadingView(text: text, anchor: id)) }
    static func text(_ text: String) -> Block { Block(paragraph: text) }
    static func notice(_ kind: NoticeView.Kind, _ title: String, _ body: String = "", link: LinkView? = nil) -> Block {
        Block(notice: NoticeView(tone: kind.rawValue, title: title, body: body, onward: link))
    }
    static func facts(_ facts: [(String, String)]) -> Block { Block(facts: facts.map { FactView(term: $0.0, fact: $0.1) }) }
    /// What of a page is live: it stands there as it is now, and scripts renew it from the address.
    static func live(_ address: String, _ blocks: [Block]) -> [Block] { [Block(followed: address)] + blocks + [Block(closesFollowed: true)] }
    static func links(_ links: [(String, String)]) -> Block { Block(links: links.map { LinkView(words: $0.0, to: $0.1) }) }
}

struct HeadingView {
    let text: String
    let anchor: String?
}

struct NoticeView: Shown {
    enum Kind: String { case good, warm, bad, plain }

    let tone: String
    let title: String
    let body: String
    let onward: LinkView?

    func computed(_ name: String) -> Any? { name == "isAlert" ? tone == Kind.bad.rawValue : nil }
}

struct LinkView {
    let words: String
    let to: String
}

struct FactView {
    let term: String
    let fact: String
}

/// A figure to be read at a glance.
struct FigureView {
    let figure: String
    let of: String
    let note: String
}

struct TableView: Shown {
    let caption: String
    let columns: [ColumnView]
    let rows: [[CellView]]
    /// Said where there are no rows.
    let nothing: String

    func computed(_ name: String) -> Any? {
        switch name {
        case "hasRows": !rows.isEmpty
        case "lines": rows.map { RowView(cells: $0) }
        default: nil
        }
    }

    struct RowView {
        let cells: [CellView]
    }

    struct ColumnView {
        let column: String
        let isNumber: Bool
    }

    init(_ caption: String, _ columns: [String], numbers: Set<Int> = [], rows: [[CellView]], nothing: String) {
        self.caption = caption
        self.columns = columns.enumerated().map { ColumnView(column: $0.element, isNumber: numbers.contains($0.offset)) }
        self.rows = rows.map { cells in
            cells.enumerated().map { index, cell in
                var cell: CellView = cell
                cell.label = columns[index]
                cell.isNumber = numbers.contains(index)
                cell.isFirst = index == 0
                // A moment is read as one.
                cell.isMoment = cell.content.hasSuffix(" UTC") && cell.under == nil
                return cell
            }
        }
        self.nothing = nothing
    }
}

struct CellView {
    var content: String
    var under: String?
    var address: String?
    var badge: String?
    var bar: ShareBar?
    var forms: [FormView] = []
    var label: String = ""
    var isNumber: Bool = false
    var isFirst: Bool = false
    var isMoment: Bool = false

    static func text(_ text: String, under: String? = nil) -> CellView { CellView(content: text, under: under) }
    static func link(_ text: String, _ address: String, under: String? = nil) -> CellView { CellView(content: text, under: under, address: address) }
    static func badge(_ text: String, _ tone: NoticeView.Kind) -> CellView { CellView(content: text, badge: tone.rawValue) }
    static func forms(_ forms: [FormView]) -> CellView { CellView(content: "", forms: forms) }
}

/// A step of a guided list.
struct StepView {
    let step: String
    let about: String
    let isDone: Bool
    let isNext: Bool
    let state: String
    let here: LinkView?
}

/// Something that is shown this once.
struct SecretView {
    let name: String
    let value: String
    let copy: String
    let copied: String
}

struct CodeView {
    let name: String
    let source: String
}

/// A picture with boxes drawn on it.
struct PictureView {
    let width: Int
    let height: Int
    let source: String
    let alternative: String
    let boxes: [BoxView]

    struct BoxView {
        let x: String
        let y: String
        let width: String
        let height: String
        let tone: String
        let words: String
        let wordsX: String
        let wordsY: String
        let size: String
        let stroke: String
    }
}

/// A line of a text, and whether it came, went or stayed.
struct LineView {
    let isAdded: Bool
    let isRemoved: Bool
    let line: String
    let spoken: String
}
