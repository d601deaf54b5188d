import HTTPTypes
import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

extension OperationView {
    init(_ route: Route, _ tables: SchemaTables) {
        let language: Language = tables.language
        let path: [ParameterView] = route.pathParameters.map {
            ParameterView(
                name: $0, place: language.text("path", "路径"), type: language.text("identifier", "标识"),
                meaning: Translation.of(Self.pathMeanings[$0] ?? "", in: language))
        }
        let query: [ParameterView] = route.query.map {
            ParameterView(
                name: $0.name, place: language.text("query", "查询"), type: tables.text($0.schema), meaning: Translation.of($0.about, in: language))
        }
        self.init(
            anchor: Self.anchor(route), method: route.method.rawValue, path: route.path, about: Translation.of(route.summary, in: language),
            charged: route.metered?.charged(in: language), hasParameters: !(path + query).isEmpty, parameters: path + query,
            request: route.body.map { RequestView(forms: Self.forms(route, language), fields: tables.fields($0)) }, status: route.success.status,
            answer: route.success.schema.map { FieldsView(fields: tables.fields($0)) })
    }

    static let pathMeanings: [String: String] = [
        "gallery": "a gallery of yours", "person": "a person of the gallery", "template": "a template of the person", "import": "an import of the gallery",
    ]

    static func anchor(_ route: Route) -> String {
        route.method.rawValue.lowercased() + route.path.map { $0.isLetter || $0.isNumber ? String($0) : $0 == "/" ? "-" : "" }.joined()
    }

    private static func forms(_ route: Route, _ language: Language) -> [FormView] {
        let size: String = language.text("at most \(route.bodyLimit >> 10) KiB", "不超过 \(route.bodyLimit >> 10) KiB")
        return route.mediaTypes.map { type in
            let form: String =
                switch type {
                case MediaType.json where route.mediaTypes.count > 1:
                    language.text("with pictures as base64 text, \(size)", "图片以 base64 文本表示，\(size)")
                case MediaType.json: size
                case MediaType.form:
                    language.text("with the same members as parts, pictures as they are, \(size)", "成员相同，图片以原始字节作为部分，\(size)")
                default: language.text("the picture alone as the whole body, \(size)", "整个请求体即图片，\(size)")
                }
            return FormView(mediaType: type, form: form)
        }
    }
}
