import HubDomain
import WireModel

/// Programs that readers copy; tests take them from the pages as served and run them.
enum Examples {
    enum Tongue: String, CaseIterable {
        case curl, swift, python

        var name: String {
            switch self {
            case .curl: "curl"
            case .swift: "Swift"
            case .python: "Python"
            }
        }
    }

    static func of(_ api: APIName) -> [ExampleView] {
        Tongue.allCases.compactMap { tongue in
            text(api, tongue).map { ExampleView(id: tongue.rawValue, tongue: tongue.name, code: String(decoding: $0, as: UTF8.self)) }
        }
    }

    private static func text(_ api: APIName, _ tongue: Tongue) -> [UInt8]? {
        switch (api, tongue) {
        case (.detect, .curl): PackageResources.detect_sh
        case (.detect, .swift): PackageResources.detect_swift
        case (.detect, .python): PackageResources.detect_py
        case (.quality, .curl): PackageResources.quality_sh
        case (.quality, .swift): PackageResources.quality_swift
        case (.quality, .python): PackageResources.quality_py
        case (.compare, .curl): PackageResources.compare_sh
        case (.compare, .swift): PackageResources.compare_swift
        case (.compare, .python): PackageResources.compare_py
        case (.search, .curl): PackageResources.search_sh
        case (.search, .swift): PackageResources.search_swift
        case (.search, .python): PackageResources.search_py
        case (.enrol, .curl): PackageResources.enrol_sh
        case (.enrol, .swift): PackageResources.enrol_swift
        case (.enrol, .python): PackageResources.enrol_py
        default: nil
        }
    }

    /// What a program takes from the environment.
    static func variables(of api: APIName, _ language: Language) -> [VariableView] {
        let all: [(String, String, String, Set<APIName>)] = [
            ("VULTUS_URL", "where the hub is: https://hub.example", "平台地址：https://hub.example", Set(APIName.all)),
            ("VULTUS_KEY", "an API key of yours: vlt_…", "您的 API 密钥：vlt_…", Set(APIName.all)),
            ("VULTUS_PICTURE", "the path of a JPEG", "一张 JPEG 的路径", Set(APIName.all)),
            ("VULTUS_REFERENCE", "the path of the JPEG to compare it with", "用于比对的另一张 JPEG 的路径", [.compare]),
            ("VULTUS_GALLERY", "a gallery with somebody in it: gal_…, see Enrolment", "有人注册的人脸库：gal_…，见“人脸注册”", [.search]),
        ]
        return all.filter { $0.3.contains(api) }.map { VariableView(variable: $0.0, meaning: language.text($0.1, $0.2)) }
    }
}
