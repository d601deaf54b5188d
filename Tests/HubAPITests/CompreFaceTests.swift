import Biometrics
import Foundation
import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

/// What programs written for CompreFace rely on beyond its own client, which `deploy/compreface` tries.
@Suite("The interface of CompreFace")
struct CompreFaceTests {
    @Test("similarity is 0.5 exactly at our threshold, below it for every lower score, and rises with the score within 0 and 1")
    func similarity() throws {
        for row in Calibration.published.flatMap(\.rows) {
            let limit: ComparisonScore = row.threshold
            #expect(CompreFaceFace.similarity(limit, threshold: limit) == 0.5)
            #expect(CompreFaceFace.similarity(ComparisonScore(rawValue: 1), threshold: limit) == 1)
            #expect(CompreFaceFace.similarity(ComparisonScore(rawValue: -1), threshold: limit) == 0)
            #expect(CompreFaceFace.similarity(ComparisonScore(rawValue: limit.rawValue.nextDown), threshold: limit) < 0.5)
            #expect(CompreFaceFace.similarity(ComparisonScore(rawValue: 1), threshold: limit, isDecidable: false) < 0.5)
            let scores: [Double] = stride(from: -1, through: 1, by: 0.001).map {
                CompreFaceFace.similarity(ComparisonScore(rawValue: Float($0)), threshold: limit)
            }
            #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 <= $1 } && scores.allSatisfy { (0...1).contains($0) })
        }
    }

    /// A key of an application that may call everything, and enrol under a standing consent.
    private func client(_ served: ServedHub, _ name: String) async throws -> (client: APIClient, owner: GalleryOwner) {
        let account: Account = try await served.hub.openTestAccount(name, email: "owner@\(name.lowercased()).example")
        let key: IssuedKey = try await served.key(of: account)
        for api in APIName.all { _ = try await served.hub.grant(api, to: key.key.application, of: account) }
        let owner = GalleryOwner(account: account.id, application: key.key.application)
        try await served.hub.setStandingConsent(StandingConsent(reference: "counter", purpose: "door", days: 30), of: owner, by: .test)
        let client = try served.visitor()
        await client.send(always: ["x-api-key: \(key.secret)"])
        return (client, owner)
    }

    private func base64(_ picture: String) throws -> JSONValue {
        .string(try Data(contentsOf: URL(filePath: World.picture(picture))).base64EncodedString())
    }

    private func subject(_ answer: APIAnswer) -> JSONValue {
        guard case .array(let faces)? = answer.json["result"], case .array(let subjects)? = faces.first?["subjects"] else { return .null }
        return subjects.first?["subject"] ?? .null
    }

    @Test("base64 in JSON and a slash at the end are taken; what one application enrols no other finds, lists or erases")
    func tenants() async throws {
        let served = try await ServedHub()
        let (own, _): (APIClient, GalleryOwner) = try await client(served, "Acme")
        let (other, _): (APIClient, GalleryOwner) = try await client(served, "Other")
        let added: APIAnswer = try await own.post("/api/v1/recognition/faces?subject=Barack%20Obama", ["file": try base64("obama.jpg")])
        #expect(added.status == 201, "\(added.text)")
        let probe: JSONValue = ["file": try base64("obama2.jpg")]
        #expect(subject(try await own.post("/api/v1/recognition/recognize?limit=0", probe)) == "Barack Obama")
        #expect(subject(try await other.post("/api/v1/recognition/recognize?limit=0", probe)) == .null)
        #expect(try await own.get("/api/v1/recognition/subjects/")["subjects"] == ["Barack Obama"])
        #expect(try await other.get("/api/v1/recognition/subjects/")["subjects"] == [])
        let image: String = added["image_id"].text ?? ""
        #expect(try await other.send("DELETE", "/api/v1/recognition/faces/\(image)").status == 404)
        #expect(try await other.post("/api/v1/recognition/faces/\(image)/verify", probe).status == 404)
        #expect(try await other.post("/api/v1/recognition/faces/delete", [.string(image)]).json == [])
        #expect(try await other.send("DELETE", "/api/v1/recognition/subjects/Barack%20Obama").status == 404)
        #expect(try await own.get("/api/v1/recognition/faces/\(image)/img").status == 404)
        #expect(try await own.get("/api/v1/recognition/faces?page=0&size=1")["total_elements"] == 1)
        #expect(try await own.post("/api/v1/recognition/faces/delete", [.string(image)]).json == [["image_id": .string(image), "subject": "Barack Obama"]])
        #expect(try await own.get("/api/v1/recognition/faces")["faces"] == [])
    }

    @Test("who is enrolled under a consent that speaks of devices may be on them; a consent that does not is for the hub alone")
    func onDevices() async throws {
        let served = try await ServedHub()
        let (own, owner): (APIClient, GalleryOwner) = try await client(served, "Acme")
        let member = try served.visitor()
        try await member.signIn("owner@acme.example", password: Hub.testPassword)
        let path: String = "/v1/account/applications/\(owner.application)/consent"
        #expect(try await member.get(path)["onDevices"] == false)
        func enrol(_ label: String) async throws -> Bool? {
            #expect(try await own.post("/api/v1/recognition/subjects", ["subject": .string(label)]).status == 201)
            let gallery: Gallery = try #require(try await served.hub.gallery(named: "compreface", of: owner))
            return try await served.hub.person(labelled: label, in: gallery.id, of: owner)?.consent.onDevices
        }
        #expect(try await enrol("Ada") == false)
        let consent: JSONValue = ["reference": "counter", "purpose": "door", "days": 30, "onDevices": true]
        #expect(try await member.send("PUT", path, consent).status == 200)
        #expect(try await member.get(path)["onDevices"] == true)
        #expect(try await enrol("Bob") == true)
        // Said again without it, it is for the hub again.
        #expect(try await member.send("PUT", path, ["reference": "counter", "purpose": "door", "days": 30])["onDevices"] == false)
        #expect(try await enrol("Cleo") == false)
    }

    @Test("every refusal is a message and a number, whoever refuses; persons carry the standing consent and end with it")
    func refusals() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let (own, owner): (APIClient, GalleryOwner) = try await client(served, "Acme")
        func number(_ answer: APIAnswer) -> JSONValue { answer["message"].text?.isEmpty == false ? answer["code"] : .null }
        #expect(number(try await served.visitor().get("/api/v1/recognition/subjects")) == 20)
        #expect(number(try await own.post("/api/v1/recognition/subjects", [:])) == 33)
        #expect(number(try await own.post("/api/v1/recognition/recognize?limit=-1", ["file": try base64("obama.jpg")])) == 26)
        #expect(number(try await own.post("/api/v1/recognition/recognize", ["file": .string(Data("no picture".utf8).base64EncodedString())])) == 21)
        #expect(number(try await own.get("/api/v1/nothing")) == 0)
        #expect(try await own.post("/api/v1/recognition/subjects", ["subject": "Ada"]).status == 201)
        #expect(number(try await own.post("/api/v1/recognition/subjects", ["subject": "Ada"])) == 43)
        let gallery: Gallery = try #require(try await served.hub.gallery(named: "compreface", of: owner))
        let person: Person? = try await served.hub.person(labelled: "Ada", in: gallery.id, of: owner)
        #expect(person?.consent.reference == "counter" && person?.consent.purpose == "door")
        clock.advance(by: .seconds(30 * 86_400))
        #expect(try await served.hub.person(labelled: "Ada", in: gallery.id, of: owner) == nil)
    }
}
