import Foundation
import RecognitionAPI
import TestKit
import Testing

/// A world whose devices get a gallery of the hub's through their group.
struct FedWorld {
    let world: World
    /// A program with the key of the gallery's application.
    let client: APIClient
    private let gallery: String

    static let group: String = "entrance"

    init() async throws {
        world = try World()
        try await world.open()
        try await world.operate("price", "set", "face.enrol", "--price", "0.001")
        try await world.operate("quota", "set", World.account, "face.enrol", "--units", "100")
        let owner: APIClient = try world.visitor()
        try await owner.signIn(World.owner, password: World.password)
        let application: JSONValue = try await owner.post("/v1/account/applications", ["name": "door"])["id"]
        try await owner.post("/v1/account/applications/\(application.text ?? "")/entitlements", ["api": "face.enrol"])
        let secret: String = try await owner.post("/v1/account/keys", ["application": application, "name": "k"])["secret"].text ?? ""
        client = try world.visitor()
        await client.send(always: ["Authorization: Bearer \(secret)"])
        gallery = "/v1/galleries/" + (try await client.post("/v1/galleries", ["name": "staff"])["id"].text ?? "")
        try await world.operate("group", "make", World.account, Self.group)
        #expect(try await world.operate("group", "assign", Self.group, "staff", "--term-hours", "2").status == 0)
    }

    private static func consent(onDevices: Bool) -> JSONValue {
        let (given, ends): (Date, Date) = (.now.addingTimeInterval(-60), .now.addingTimeInterval(30 * 86_400))
        return [
            "reference": "paper 17", "purpose": "door", "given": .string(given.formatted(.iso8601)), "expires": .string(ends.formatted(.iso8601)),
            "onDevices": .boolean(onDevices),
        ]
    }

    @discardableResult
    func enrol(_ label: String, _ picture: String, onDevices: Bool = true) async throws -> String {
        let person: APIAnswer = try await client.post(
            gallery + "/persons", ["label": .string(label), "consent": Self.consent(onDevices: onDevices)])
        let id: String = person["id"].text ?? ""
        let image: String = try Data(contentsOf: URL(filePath: World.picture(picture))).base64EncodedString()
        let template: APIAnswer = try await client.post(gallery + "/persons/\(id)/templates", ["image": .string(image)])
        #expect(template.status == 201, "\(person.text) \(template.text)")
        return id
    }

    func withdraw(_ person: String) async throws {
        #expect(try await client.send("PATCH", gallery + "/persons/\(person)", ["consent": Self.consent(onDevices: false)]).status == 200)
    }

    func join(device: String = "edge") async throws {
        let token = try await world.operate("device", "token", World.account, "--group", Self.group).json() as? [String: Any]
        let joined: Outcome = try await world.edge(["join", world.hub?.url ?? "", "--token", token?["token"] as? String ?? ""], device: device)
        #expect(joined.status == 0, "\(joined.errors)")
    }

    /// What a device's `status` says.
    func status(device: String = "edge", wrapper: [String] = []) async throws -> [String: Any] {
        try await world.edge(["status"], device: device, wrapper: wrapper).json() as? [String: Any] ?? [:]
    }
}
