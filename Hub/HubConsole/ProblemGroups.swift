import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Which codes a caller can meet, sorted by what they are about.
struct ProblemGroups {
    let language: Language

    /// What calls of an API, by its routes, can be declined with.
    func groups(of api: APIName, _ routes: [Route]) -> [ErrorGroupView] {
        let gate: [ProblemCode] = GateRefusal.kinds(of: api).map(\.code)
        let meter: [ProblemCode] = MeterRefusal.kinds(of: api).map(\.code)
        return [
            group(("Key, account and agreements", "密钥、账户与协议"), gate), group(("Use and payment", "用量与支付"), meter),
            group(("The request", "请求"), Self.request(routes)), group(("Picture and face", "图片与人脸"), Self.pictures(api, routes)),
            group(("The hub", "平台"), [.overloaded, .storeBusy, .storeFull, .storeUnavailable, .engineUnavailable, .modelsMissing, .internalFault]),
        ].filter { !$0.rows.isEmpty }
    }

    private static func request(_ routes: [Route]) -> [ProblemCode] {
        var codes: [ProblemCode] = [.invalidRequest]
        if routes.contains(where: { !$0.pathParameters.isEmpty }) { codes += [.notFound, .conflict] }
        if routes.contains(where: { $0.body != nil }) { codes += [.bodyTooLarge, .mediaTypeUnsupported] }
        return codes + [.methodNotAllowed]
    }

    private static func pictures(_ api: APIName, _ routes: [Route]) -> [ProblemCode] {
        guard routes.contains(where: { $0.mediaTypes.contains(MediaType.form) }) else { return [] }
        let picture: [ProblemCode] = [.imageEmpty, .imageNotRecognised, .imageUnsupported, .imageTruncated, .imageCorrupt, .imageTooLarge]
        // Detection, quality and search answer for every face there is, none included; the others need one good face.
        guard api.base == .compare || api.base == .enrol else { return picture }
        let face: [ProblemCode] = [
            .noFace, .severalFaces, .faceTooSmall, .faceBlurred, .faceTurned, .faceTooDark, .faceTooBright, .faceCutOff, .faceUncertain,
        ]
        return picture + face + (api.base == .enrol ? [.templatesWithheld] : [])
    }

    private func group(_ title: (String, String), _ codes: [ProblemCode]) -> ErrorGroupView {
        var seen: Set<ProblemCode> = []
        return ErrorGroupView(
            group: language.text(title.0, title.1), rows: codes.filter { seen.insert($0).inserted }.map { ErrorGroupView.Row($0, language) })
    }

    /// Every code, each in one group.
    var all: [ErrorGroupView] {
        var groups: [ProblemCode.Subject: [ProblemCode]] = [:]
        for code in ProblemCode.allCases { groups[code.subject, default: []].append(code) }
        return ProblemCode.Subject.allCases.compactMap { subject in
            groups[subject].map { group(subject.title, $0.sorted { ($0.status, $0.rawValue) < ($1.status, $1.rawValue) }) }
        }
    }
}
