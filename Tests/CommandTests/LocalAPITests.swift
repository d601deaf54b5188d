import Foundation
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("The device's own API, over HTTP")
struct LocalAPITests {
    /// A joined device that serves, and its gallery.
    struct Device {
        let world: World
        let server: EdgeServer
        let gallery: String

        init(socket: Bool = false, arguments: [String] = []) async throws {
            world = try World()
            try await world.open()
            try await world.join()
            server = try await EdgeServer(directory: world.folder + "/edge", socket: socket ? world.folder + "/s" : nil, arguments: arguments)
            let galleries: LocalAnswer = try await server.get("/v1/galleries")
            #expect(galleries.items.count == 1)
            gallery = "/v1/galleries/" + (galleries.items.first?["id"]?.text ?? "")
        }

        static let consent: JSONValue = ["reference": "file 17", "purpose": "door", "given": "2026-01-01T00:00:00Z"]

        func person(_ label: String, _ picture: String? = nil) async throws -> String {
            let person: LocalAnswer = try await server.send("POST", gallery + "/persons", ["label": .string(label), "consent": Self.consent])
            #expect(person.status == 201)
            #expect(person.fault("Person") == nil)
            let id: String = person["id"].text ?? ""
            if let picture {
                let template: LocalAnswer = try await server.post(gallery + "/persons/\(id)/templates", picture: World.picture(picture))
                #expect(template.status == 201)
                #expect(template.fault("Template") == nil)
            }
            return id
        }
    }

    private static func base64(_ name: String) throws -> JSONValue {
        .string(try Data(contentsOf: URL(filePath: World.picture(name))).base64EncodedString())
    }

    @Test("detect, quality, enrol, search and compare answer in the hub's shapes; journal, hub and invoice count the same")
    func mainJob() async throws {
        let device = try await Device()
        let (world, server, gallery): (World, EdgeServer, String) = (device.world, device.server, device.gallery)

        let detected: LocalAnswer = try await server.post("/v1/detect", picture: World.picture("obama.jpg"))
        #expect(detected.status == 200)
        #expect(detected.fault("Detection") == nil)
        #expect(detected.faces.count == 1)
        #expect(detected.headers["x-request-id"] != nil)
        let cat: LocalAnswer = try await server.call("POST", "/v1/detect", ["-F", "image=@\(World.picture("chelsea.png"))"])
        #expect(cat.status == 200 && cat.faces.isEmpty)
        let quality: LocalAnswer = try await server.send("POST", "/v1/quality", ["image": try Self.base64("obama.jpg")])
        #expect(quality.fault("Assessment") == nil)
        #expect(quality.faces.first?["enrolment"]?["accepted"] == true)
        #expect(quality.faces.first?["search"]?["refusals"] == [])

        let ada: String = try await device.person("Ada", "obama.jpg")
        let again: LocalAnswer = try await server.post(gallery + "/persons/\(ada)/templates", picture: World.picture("obama.jpg"))
        let templates: LocalAnswer = try await server.get(gallery + "/persons/\(ada)/templates")
        #expect(templates.items.count == 1)
        #expect(templates.items.first?["id"] == again["id"])
        #expect(templates.items.first?["values"] == nil)

        let known: LocalAnswer = try await server.post(gallery + "/search?limit=3", picture: World.picture("obama2.jpg"))
        #expect(known.fault("Search") == nil)
        #expect(known.faces.first?["outcome"] == "match")
        #expect(known.faces.first?["person"] == .string(ada))
        #expect(known.faces.first?["candidates"]?.items?.first?["label"] == "Ada")
        #expect(known.faces.first?["entry"]?.integer != nil)
        let stranger: LocalAnswer = try await server.call("POST", gallery + "/search", ["-F", "image=@\(World.picture("biden.jpg"))"])
        #expect(stranger.fault("Search") == nil)
        #expect(stranger.faces.first?["outcome"] == "unknown")
        #expect(stranger.faces.first?["person"] == nil)
        #expect(stranger.faces.first?["candidates"] == nil)
        #expect(try await server.post(gallery + "/search", picture: World.picture("chelsea.png"), type: "image/png").faces.isEmpty)

        let same: LocalAnswer = try await server.call(
            "POST", "/v1/compare", ["-F", "image=@\(World.picture("obama.jpg"))", "-F", "referenceImage=@\(World.picture("obama2.jpg"))"])
        #expect(same.fault("Comparison") == nil)
        #expect(same["outcome"] == "match")
        let id = JSONValue.string(String(gallery.split(separator: "/").last ?? ""))
        let other: LocalAnswer = try await server.send(
            "POST", "/v1/compare?falseMatchRate=1e-4", ["image": try Self.base64("biden.jpg"), "referencePerson": .string(ada), "gallery": id])
        #expect(other.fault("Comparison") == nil)
        #expect(other["outcome"] == "unknown")
        #expect(other["reference"] == .null)
        let stored: LocalAnswer = try await server.send(
            "POST", "/v1/compare", ["template": again["id"], "referenceTemplate": again["id"], "gallery": id])
        #expect(stored["outcome"] == "match")

        let described: LocalAnswer = try await server.get("/openapi.json")
        #expect(described["paths"]["/v1/galleries/{gallery}/search"]?["post"] != nil)
        #expect(try await server.get("/healthz")["status"] == "ok")
        #expect(try await server.call("DELETE", gallery + "/persons/\(ada)").status == 204)
        #expect(try await server.post(gallery + "/search", picture: World.picture("obama2.jpg")).faces.first?["outcome"] == "unknown")

        #expect(await server.stop() == 0)
        try await world.edge(["sync"])
        #expect(try await world.counts() == (3, 3, 3))
        #expect(try await world.counts(api: "face.compare") == (3, 3, 3))
        #expect(try await world.edge(["doctor"]).status == 0)
    }

    @Test("what is refused says why, and costs nothing")
    func refusals() async throws {
        let device = try await Device()
        let (world, server, gallery): (World, EdgeServer, String) = (device.world, device.server, device.gallery)
        let ada: String = try await device.person("Ada")
        let made = try FacePictures(in: world.folder)
        let portrait: String = World.picture("obama.jpg")
        func file(_ bytes: Data) throws -> String {
            let path: String = world.folder + "/bytes"
            try bytes.write(to: URL(filePath: path))
            return path
        }
        func compare(_ picture: String, _ query: String = "") async throws -> LocalAnswer {
            try await server.call("POST", "/v1/compare" + query, ["-F", "image=@\(picture)", "-F", "referenceImage=@\(portrait)"])
        }
        // Who may not.
        let nobody: LocalAnswer = try await server.call("GET", gallery, token: "")
        #expect(nobody.code == .keyMissing && nobody.status == 401)
        #expect(nobody.headers["www-authenticate"] == "Bearer")
        #expect(nobody.headers["content-type"] == "application/problem+json")
        #expect(nobody.headers["x-request-id"] != nil)
        #expect(try await server.call("GET", gallery, token: String(repeating: "0", count: 64)).status == 401)
        // Pictures and faces.
        #expect(try await compare(World.picture("chelsea.png")).code == .noFace)
        #expect(try await compare(made.two).code == .severalFaces)
        #expect(try await compare(made.small).code == .faceTooSmall)
        #expect(try await server.post("/v1/detect", picture: try file(Data("%PDF-1.7 no picture".utf8))).code == .imageNotRecognised)
        #expect(try await server.post("/v1/detect", picture: try file(try Data(contentsOf: URL(filePath: portrait)).prefix(5_000))).code == .imageTruncated)
        #expect(try await server.post("/v1/detect", picture: try file(Data())).code == .imageEmpty)
        let large: LocalAnswer = try await server.post("/v1/detect", picture: try file(Data(count: (10 << 20) + 1)))
        #expect(large.code == .bodyTooLarge && large.status == 413)
        #expect(try await server.post("/v1/detect", picture: portrait, type: "text/plain").code == .mediaTypeUnsupported)
        #expect(try await server.post(gallery + "/persons/\(ada)/templates", picture: made.blurred).code == .faceBlurred)
        #expect(try await server.post(gallery + "/persons/\(ada)/templates", picture: made.two).code == .severalFaces)
        let poor: LocalAnswer = try await server.post(gallery + "/search", picture: made.small)
        #expect(poor.faces.allSatisfy { $0["outcome"] == "undecided" })
        #expect(poor.fault("Search") == nil)
        // Requests.
        #expect(try await server.call("POST", "/v1/compare", ["-F", "image=@\(portrait)"]).code == .invalidRequest)
        #expect(try await server.call("POST", "/v1/detect", ["-F", "picture=@\(portrait)"]).code == .invalidRequest)
        #expect(try await server.send("POST", "/v1/detect", ["image": "no base64!"]).code == .invalidRequest)
        #expect(try await compare(portrait, "?falseMatchRate=1e-6").code == .invalidRequest)
        #expect(try await server.send("POST", gallery + "/persons", ["label": "Bob"]).code == .invalidRequest)
        #expect(try await server.send("POST", gallery + "/persons", ["label": "Ada", "consent": Device.consent]).code == .conflict)
        let minor: LocalAnswer = try await server.send("POST", gallery + "/persons", ["label": "Cid", "isMinor": true, "consent": Device.consent])
        #expect(minor.code == .invalidRequest && minor["detail"].text?.contains("guardian") == true)
        let method: LocalAnswer = try await server.call("PUT", gallery)
        #expect(method.code == .methodNotAllowed && method.headers["allow"]?.contains("GET") == true)
        // What a device has not.
        #expect(try await server.get("/v1/galleries/gal_\(String(repeating: "0", count: 32))").code == .notFound)
        #expect(try await server.get("/v1/nothing").code == .notFound)
        #expect(try await server.get(gallery + "/persons/per_\(String(repeating: "0", count: 32))").code == .notFound)
        #expect(try await server.send("POST", "/v1/galleries", ["name": "second"]).code == .conflict)
        #expect(try await server.call("DELETE", gallery).code == .conflict)
        let template: LocalAnswer = try await server.post(gallery + "/persons/\(ada)/templates", picture: portrait)
        #expect(
            try await server.get(gallery + "/persons/\(ada)/templates/\(template["id"].text ?? "")/data").code == .templatesWithheld)
        #expect(try await server.get(gallery + "/persons?cursor=x").code == .invalidRequest)
        #expect(try await world.counts().edge == 0)
        #expect(try await world.counts(api: "face.compare").edge == 0)
        // The largest of two is compared when asked for, and without a lease nothing is.
        #expect(try await compare(made.two, "?largest=true")["outcome"] == "match")
        #expect(await server.stop() == 0)
        let log: String = try String(contentsOfFile: server.log, encoding: .utf8)
        let token: String = try server.token
        #expect(!log.contains("Ada") && !log.contains(token))
    }

    @Test("an import is resumed by sending its rows again: done ones are duplicates, refused ones get another try")
    func imports() async throws {
        let device = try await Device()
        let (server, gallery): (EdgeServer, String) = (device.server, device.gallery)
        let path: String = gallery + "/imports"
        let begun: LocalAnswer = try await server.send("POST", path, ["total": 4])
        #expect(begun.status == 201 && begun.fault("Import") == nil)
        let rows: String = path + "/\(begun["id"].text ?? "")/rows"
        func row(_ key: String, _ picture: String, label: String) throws -> JSONValue {
            ["row": .string(key), "label": .string(label), "consent": Device.consent, "image": try Self.base64(picture)]
        }
        let first: LocalAnswer = try await server.send(
            "POST", rows,
            [
                "rows": [
                    try row("1", "obama.jpg", label: "Ada"), try row("2", "chelsea.png", label: "Bob"), try row("1", "obama.jpg", label: "Ada"),
                    try row("3", "obama.jpg", label: "Ada"),
                    ["row": "4", "person": "per_00000000000000000000000000000000", "image": try Self.base64("biden.jpg")],
                ]
            ])
        #expect(first.status == 200)
        #expect(first.fault("ImportAnswer") == nil)
        #expect(first.items.map { $0["outcome"]?.text } == ["accepted", "refused", "duplicate", "duplicate", "refused"])
        #expect(first.items[1]["problem"]?["code"] == "no_face")
        #expect(first.items[4]["problem"]?["code"] == "not_found")
        // A restart between, as after a power failure.
        #expect(await server.stop() == 0)
        let next = try await EdgeServer(directory: device.world.folder + "/edge")
        let second: LocalAnswer = try await next.send(
            "POST", rows,
            ["rows": [try row("1", "obama.jpg", label: "Ada"), try row("2", "biden.jpg", label: "Bob"), try row("4", "obama2.jpg", label: "Ada")]])
        #expect(second.items.map { $0["outcome"]?.text } == ["duplicate", "accepted", "accepted"])
        #expect(second["import"]["state"] == "closed")
        #expect(second["import"]["accepted"] == 3)
        #expect(try await next.send("POST", rows, ["rows": [try row("5", "biden.jpg", label: "Bob")]]).code == .conflict)
        let page: LocalAnswer = try await next.get(rows + "?limit=3")
        #expect(page.items.map { $0["row"]?.text } == ["1", "2", "3"])
        let last: LocalAnswer = try await next.get(rows + "?limit=3&cursor=\(page["next"].text ?? "")")
        #expect(last.items.map { $0["row"]?.text } == ["4"])
        #expect(last["next"] == .null)
        let persons: LocalAnswer = try await next.get(gallery + "/persons")
        #expect(persons.items.map { $0["label"]?.text } == ["Ada", "Bob"])
        #expect(persons.items.map { $0["templates"]?.integer } == [2, 1])
        #expect(await next.stop() == 0)
    }

    @Test("a socket needs no token and is this user's alone; an address that others could reach is refused")
    func places() async throws {
        let device = try await Device(socket: true)
        #expect(try await device.server.post("/v1/detect", picture: World.picture("obama.jpg")).faces.count == 1)
        func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        #expect(try mode(device.world.folder + "/s") == 0o600)
        #expect(!FileManager.default.fileExists(atPath: device.world.folder + "/edge/local-token"))
        #expect(try await device.world.edge(["serve", "--socket", device.world.folder + "/s"], wrapper: ["/usr/bin/timeout", "60"]).code == "conflict")
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", "128.0.0.1:0"] {
            let refused: Outcome = try await device.world.edge(["serve", "--listen", address], wrapper: ["/usr/bin/timeout", "60"])
            #expect(refused.code == "invalid_request" && refused.status == 64)
        }
        #expect(await device.server.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: device.world.folder + "/s"))
        let first = try await EdgeServer(directory: device.world.folder + "/edge")
        let token: String = try first.token
        #expect(try mode(device.world.folder + "/edge/local-token") == 0o600)
        #expect(await first.stop() == 0)
        let second = try await EdgeServer(directory: device.world.folder + "/edge")
        #expect(try second.token == token)
        #expect(try await second.get("/v1/galleries").status == 200)
    }
}
