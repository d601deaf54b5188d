import Biometrics
import Foundation
import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

/// The recognition API as a program calls it: over TLS, with a key, on real pictures.
@Suite("Recognition on the hub")
struct RecognitionTests {
    /// A key's holder whose application may call everything.
    private struct Program {
        let served: ServedHub
        let account: Account
        let key: IssuedKey
        let client: APIClient

        init(_ served: ServedHub, _ name: String, scopes: [KeyPermission] = []) async throws {
            self.served = served
            account = try await served.hub.openTestAccount(name, email: "owner@\(name.lowercased()).example")
            let application: Application = try await served.hub.makeApplication("door", account: account.id, by: .test)
            key = try await served.hub.makeKey(
                KeyScope(name: "door", environment: .live, apis: [], addresses: [], expires: nil, scopes: scopes), application: application.id,
                account: account.id, by: .test)
            for api in APIName.all { _ = try await served.hub.grant(api, to: application.id, of: account) }
            client = try served.visitor()
            await client.send(always: ["Authorization: Bearer \(key.secret)"])
        }

        func picture(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: World.picture(name)))) }

        /// The picture alone as the body.
        func send(_ picture: String, to path: String) async throws -> APIAnswer {
            try await client.send("POST", path, bytes: try self.picture(picture), headers: ["Content-Type: image/jpeg"])
        }

        func base64(_ name: String) throws -> JSONValue { .string(Data(try picture(name)).base64EncodedString()) }

        func consent() -> JSONValue {
            let now: Timestamp = served.hub.now()
            return [
                "reference": "paper 1", "purpose": "entrance", "given": .string(now.description),
                "expires": .string(now.advanced(by: .seconds(86_400)).description),
            ]
        }

        func gallery() async throws -> String { try await client.post("/v1/galleries", ["name": "staff"])["id"].text ?? "" }

        func person(_ label: String, in gallery: String) async throws -> String {
            try await client.post("/v1/galleries/\(gallery)/persons", ["label": .string(label), "consent": consent()])["id"].text ?? ""
        }
    }

    @Test("a person enrolled from one picture is found in another, a stranger is plainly unknown, and each answer says what it cost")
    func found() async throws {
        let program = try await Program(try await ServedHub(), "Acme")
        let gallery: String = try await program.gallery()
        let person: String = try await program.person("Barack", in: gallery)
        let path: String = "/v1/galleries/\(gallery)/persons/\(person)/templates"
        let enrolled: APIAnswer = try await program.send("obama.jpg", to: path)
        #expect(enrolled.status == 201, "\(enrolled.text)")
        #expect(enrolled[header: "vultus-units"] == "1")
        let again: APIAnswer = try await program.send("obama.jpg", to: path)
        #expect(again["id"] == enrolled["id"] && again[header: "vultus-units"] == "0")
        let search: APIAnswer = try await program.send("obama2.jpg", to: "/v1/galleries/\(gallery)/search?limit=3")
        #expect(search.status == 200, "\(search.text)")
        guard case .array(let faces)? = search.json["faces"], let face = faces.first else { throw AccessMatrix.Unexpected(what: search.text) }
        #expect(face["outcome"] == "match" && face["person"]?.text == person)
        guard case .array(let candidates)? = face["candidates"] else { throw AccessMatrix.Unexpected(what: search.text) }
        #expect(candidates.count == 1 && candidates[0]["label"] == "Barack")
        let stranger: APIAnswer = try await program.send("biden.jpg", to: "/v1/galleries/\(gallery)/search")
        guard case .array(let strangers)? = stranger.json["faces"] else { throw AccessMatrix.Unexpected(what: stranger.text) }
        #expect(strangers.first?["outcome"] == "unknown" && strangers.first?["person"] == nil)
        #expect(stranger[header: "vultus-units"] == "1")
        #expect(!search.text.contains("values") && !search.text.contains("embedding"))
    }

    @Test("stored templates are compared with each other, a picture with a person; erased, both are missing")
    func compared() async throws {
        let program = try await Program(try await ServedHub(), "Acme")
        let gallery: String = try await program.gallery()
        let (first, second): (String, String) = (try await program.person("1", in: gallery), try await program.person("2", in: gallery))
        func template(_ person: String, _ picture: String) async throws -> JSONValue {
            try await program.send(picture, to: "/v1/galleries/\(gallery)/persons/\(person)/templates")["id"]
        }
        let (obama, biden): (JSONValue, JSONValue) = (try await template(first, "obama.jpg"), try await template(second, "biden.jpg"))
        func compare(_ body: JSONValue) async throws -> APIAnswer { try await program.client.post("/v1/compare", body) }
        let own: APIAnswer = try await compare(["gallery": .string(gallery), "template": obama, "referencePerson": .string(first)])
        #expect(own.status == 200 && own["outcome"] == "match", "\(own.text)")
        let other: APIAnswer = try await compare(["gallery": .string(gallery), "template": obama, "referenceTemplate": biden])
        #expect(other["outcome"] == "unknown")
        let probe: APIAnswer = try await compare(
            ["gallery": .string(gallery), "image": try program.base64("obama2.jpg"), "referencePerson": .string(first)])
        #expect(probe["outcome"] == "match", "\(probe.text)")
        #expect(try await program.client.send("DELETE", "/v1/galleries/\(gallery)/persons/\(first)").status == 204)
        #expect(try await compare(["gallery": .string(gallery), "template": obama, "referencePerson": .string(second)]).code == .notFound)
        #expect(try await compare(["gallery": .string(gallery), "template": biden, "referencePerson": .string(first)]).code == .notFound)
    }

    @Test("templates' numbers leave only with the key's scope and the account's terms together, and each reading is audited")
    func withheld() async throws {
        let served = try await ServedHub()
        let (plain, scoped): (Program, Program) = (try await Program(served, "Plain"), try await Program(served, "Scoped", scopes: [.templates]))
        for program in [plain, scoped] {
            let gallery: String = try await program.gallery()
            let person: String = try await program.person("1", in: gallery)
            let template: JSONValue = try await program.send("obama.jpg", to: "/v1/galleries/\(gallery)/persons/\(person)/templates")["id"]
            let path: String = "/v1/galleries/\(gallery)/persons/\(person)/templates/\(template.text ?? "")/data"
            #expect(try await program.client.get(path).code == .templatesWithheld)
            _ = try await served.hub.setTemplates(allowed: true, account: program.account.id.rawValue, by: .test)
            let answer: APIAnswer = try await program.client.get(path)
            let isAllowed: Bool = program.key.key.scopes == [.templates]
            #expect(isAllowed ? answer.status == 200 : answer.code == .templatesWithheld)
            if case .array(let values)? = answer.json["values"] { #expect(values.count == 128) } else { #expect(!isAllowed) }
            let readings: Int = try await served.hub.auditEntries(account: program.account.id).count { $0.action == "template.read" }
            #expect(readings == (isAllowed ? 1 : 0))
        }
    }

    @Test("a bulk enrolment takes good rows, says of bad ones why, and costs what it made")
    func imported() async throws {
        let program = try await Program(try await ServedHub(), "Acme")
        let gallery: String = try await program.gallery()
        let opened: APIAnswer = try await program.client.post("/v1/galleries/\(gallery)/imports", ["total": 2])
        let path: String = "/v1/galleries/\(gallery)/imports/\(opened["id"].text ?? "")"
        func row(_ key: JSONValue, _ label: JSONValue, _ picture: String) throws -> JSONValue {
            ["row": key, "label": label, "consent": program.consent(), "image": try program.base64(picture)]
        }
        let rows: JSONValue = [
            "rows": .array([
                try row("a", "Barack", "obama.jpg"), try row("b", "Joe", "biden.jpg"),
                ["row": "c", "label": "Nobody", "consent": program.consent(), "image": "iVBORw0KGgo="],
            ])
        ]
        let answer: APIAnswer = try await program.client.post(path + "/rows", rows)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.items.compactMap { $0["outcome"]?.text } == ["accepted", "accepted", "refused"] || answer["problem"] != .null)
        #expect(answer[header: "vultus-units"] == "2")
        #expect(try await program.client.get(path)["state"] == "closed")
        #expect(try await program.client.post(path + "/rows", ["rows": .array([try row("a", "Barack", "obama.jpg")])]).items.first?["outcome"] == "duplicate")
    }

    @Test("a hub without models manages galleries and erases persons, and says of pictures that it looks at none")
    func withoutModels() async throws {
        let program = try await Program(try await ServedHub(recogniser: .none), "Acme")
        let gallery: String = try await program.gallery()
        let person: String = try await program.person("1", in: gallery)
        #expect(try await program.send("obama.jpg", to: "/v1/galleries/\(gallery)/search").code == .modelsMissing)
        #expect(try await program.send("obama.jpg", to: "/v1/detect").code == .modelsMissing)
        #expect(try await program.client.send("DELETE", "/v1/galleries/\(gallery)/persons/\(person)").status == 204)
        #expect(try await program.client.get("/v1/galleries").list("id") == [gallery])
    }
}
