import Mustache
import WireModel

/// The pages' templates, compiled in: there is no folder to lose, and nothing to read while serving.
enum Templates {
    enum Name: String, CaseIterable {
        case layout, index, api, operation, fields, errors, codes, start, agreement, missing
        case console, block, table, form, field, chart, part, filter, share
        case lineChart = "line-chart"

        var text: String {
            let bytes: [UInt8] =
                switch self {
                case .layout: PackageResources.layout_mustache
                case .index: PackageResources.index_mustache
                case .api: PackageResources.api_mustache
                case .operation: PackageResources.operation_mustache
                case .fields: PackageResources.fields_mustache
                case .errors: PackageResources.errors_mustache
                case .codes: PackageResources.codes_mustache
                case .start: PackageResources.start_mustache
                case .agreement: PackageResources.agreement_mustache
                case .missing: PackageResources.missing_mustache
                case .console: PackageResources.console_mustache
                case .block: PackageResources.block_mustache
                case .table: PackageResources.table_mustache
                case .form: PackageResources.form_mustache
                case .field: PackageResources.field_mustache
                case .chart: PackageResources.chart_mustache
                case .part: PackageResources.part_mustache
                case .filter: PackageResources.filter_mustache
                case .share: PackageResources.share_mustache
                case .lineChart: PackageResources.line_chart_mustache
                }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    static let stylesheet: [UInt8] = PackageResources.style_css

    /// - Throws: what the parser says of a template that is none.
    private static let library: Result<MustacheLibrary, any Error> = Result {
        var library = MustacheLibrary()
        for name in Name.allCases { try library.register(name.text, named: name.rawValue) }
        return library
    }

    /// Every value escaped for HTML.
    static func render(_ frame: Any, with name: Name) throws -> [UInt8] {
        guard let text = try library.get().render(frame, withTemplate: name.rawValue) else {
            throw Problem(.internalFault, "A page has no template.", detail: name.rawValue, remedy: "Report this with the page's address.")
        }
        return Array(text.utf8)
    }
}
