/// What the templates are filled with. Names are those that the templates use.

/// Around every page.
struct PageFrame {
    let language: String
    let title: String
    let description: String
    let stylesheet: String
    /// What links within the documentation end with, so that a chosen language stays chosen.
    let suffix: String
    let otherLanguage: String
    let otherLanguageName: String
    let otherAddress: String
    let navigation: [Link]
    let made: String
    let madeShown: String
    /// The words of the templates themselves.
    let w: [String: String]
    let page: Any

    struct Link {
        let name: String
        let address: String
        let isHere: Bool
    }
}

struct IndexPage {
    let rows: [Row]

    struct Row {
        let api: String
        let name: String
        let summary: String
        let address: String
        let prices: [PriceLine]
        /// When something is due to change.
        let coming: [ComingLine]
        let free: String
        let trial: String
        let frequency: String
        let approval: String
    }

    struct PriceLine {
        let plan: String
        let words: String
    }

    struct ComingLine {
        let words: String
        let changes: String
    }
}

struct APIPage {
    let api: String
    let name: String
    let summary: String
    let isClosed: Bool
    let hasChanges: Bool
    let plans: [PlanView]
    let terms: [TermView]
    let hasProducts: Bool
    let products: [ProductView]
    let agreements: [AgreementView]
    let changes: [ChangeView]
    /// Those that are charged.
    let operations: [OperationView]
    let hasManagement: Bool
    /// Those that cost nothing.
    let management: [OperationView]
    let hasTypes: Bool
    let types: [TypeView]
    let hasExamples: Bool
    let variables: [VariableView]
    let examples: [ExampleView]
    let headers: [HeaderView]
    let errors: [ErrorGroupView]
}

struct PlanView {
    let plan: String
    let currency: String?
    let price: PriceView?

    struct PriceView {
        let steps: [StepView]
    }

    struct StepView {
        let range: String
        let millionths: Int64
        let amount: String
    }
}

struct TermView {
    let name: String
    let value: String
}

struct ProductView {
    let id: String
    let product: String
    let gives: String
    let valid: String
    let millionths: Int64
    let amount: String
}

struct AgreementView {
    let document: String
    let version: String
    let address: String
}

/// What takes effect at one time.
struct ChangeView {
    let effective: String
    let day: String
    let lines: [String]
}

struct OperationView {
    let anchor: String
    let method: String
    let path: String
    let about: String
    let charged: String?
    let hasParameters: Bool
    let parameters: [ParameterView]
    let request: RequestView?
    let status: Int
    let answer: FieldsView?

    struct ParameterView {
        let name: String
        let place: String
        let type: String
        let meaning: String
    }

    struct RequestView {
        let forms: [FormView]
        let fields: [FieldView]
    }

    struct FormView {
        let mediaType: String
        let form: String
    }
}

struct FieldsView {
    let fields: [FieldView]
}

struct FieldView {
    /// With its way from the top: `faces[].box`.
    let field: String
    let types: [WordView]
    let isOptional: Bool
    let meaning: String

    struct WordView {
        let word: String
        /// The type further down that it names.
        let target: String?
    }
}

struct TypeView {
    let name: String
    let fields: [FieldView]
}

struct VariableView {
    let variable: String
    let meaning: String
}

struct ExampleView {
    let id: String
    let tongue: String
    let code: String
}

struct HeaderView {
    let header: String
    let `where`: String
    let meaning: String
}

struct ErrorGroupView {
    let group: String
    let rows: [Row]

    struct Row {
        let code: String
        let status: Int
        let meaning: String
        let remedy: String
    }
}

struct CodesPage {
    let sample: String
    let errors: [ErrorGroupView]
}

struct StartPage {
    let variables: [VariableView]
    let steps: [Step]
    let apis: [PageFrame.Link]

    struct Step {
        let id: String
        let step: String
        let about: String
        let code: String
    }
}

/// The text of an agreement, as it binds.
struct AgreementPage {
    let heading: String
    let document: String
    let version: String
    let address: String
    let blocks: [Block]
    let hash: String

    struct Block {
        let isHeading: Bool
        let isItem: Bool
        let isText: Bool
        let text: String
    }
}
