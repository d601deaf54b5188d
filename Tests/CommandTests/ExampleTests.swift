import Foundation
import RecognitionAPI
import TestKit
import Testing
import WireModel

/// The programs of the documentation, taken from the pages as they are served and run as a reader would.
@Suite(
    "Examples of the documentation",
    .enabled(if: FileManager.default.fileExists(atPath: World.picture("obama.jpg")), "the demo pictures are not set up"))
struct ExampleTests {
    /// What a page's programs print, by tongue, where the pictures show one person and where they show two.
    private struct Expectation {
        let api: String
        let same: [String: String]
        var other: [String: String] = [:]
    }

    private static let gallery: String = "VULTUS_GALLERY="

    /// Enrolment before search: it says where to search.
    private static let expectations: [Expectation] = [
        Expectation(api: "face.detect", same: ["curl": "\"detectionScore\"", "swift": "1 face(s)\nat ", "python": "1 face(s), 1 unit(s) charged\nat "]),
        Expectation(
            api: "face.quality",
            same: ["curl": "\"accepted\":true", "swift": "search: accepted\nenrolment: accepted", "python": "search: accepted\nenrolment: accepted"]),
        Expectation(
            api: "face.compare", same: ["curl": "\"outcome\":\"match\"", "swift": "match: score 0.", "python": "match: score 0."],
            other: ["curl": "\"outcome\":\"unknown\"", "swift": "unknown: score ", "python": "unknown: score "]),
        Expectation(api: "face.enrol", same: ["curl": gallery + "gal_", "swift": gallery + "gal_", "python": gallery + "gal_"]),
        Expectation(
            api: "face.search",
            same: ["curl": "\"outcome\":\"match\"", "swift": "match: badge-4711, score ", "python": "match: badge-4711, score "],
            other: ["curl": "\"outcome\":\"unknown\"", "swift": "unknown: nobody", "python": "unknown: nobody"]),
    ]

    private let world: World

    init() async throws {
        world = try World()
        #expect(try await world.operate("init").status == 0)
        try await world.openAccount()
        for api in APIName.all {
            #expect(try await world.operate("price", "set", api.rawValue, "--price", "0.01", "--free", "1000").status == 0)
        }
        #expect(try await world.operate("billing", "credit", World.account, "1000").status == 0)
        try await world.startHub(arguments: ["--models", World.models, "--web", "127.0.0.1:0"])
    }

    private func environment(_ values: [String: String]) -> [String: String] {
        // This hub's certificate is by its own authority: curl asks its own variable first, Python that of OpenSSL.
        let authority: String = world.hubFolder + "/keys/authority.pem"
        return ["CURL_CA_BUNDLE": authority, "SSL_CERT_FILE": authority, "VULTUS_URL": world.hub?.url ?? ""].merging(values) { $1 }
    }

    private func run(_ words: [String], _ values: [String: String]) async throws -> Outcome {
        try await Program.run("", words, environment: environment(values), wrapper: ["/usr/bin/env"])
    }

    /// The key of an application that may call everything.
    private func key() async throws -> String {
        let owner: APIClient = try world.visitor()
        try await owner.signIn(World.owner, password: World.password)
        let application: String = try await owner.post("/v1/account/applications", ["name": "examples"])["id"].text ?? ""
        for api in APIName.all {
            let applied: APIAnswer = try await owner.post("/v1/account/applications/\(application)/entitlements", ["api": .string(api.rawValue)])
            #expect(applied["state"] == "active", "\(applied.text)")
        }
        return try await owner.post("/v1/account/keys", ["application": .string(application), "name": "examples"])["secret"].text ?? ""
    }

    /// A page's program as a file that can be run.
    /// - Returns: the words that run it.
    private func program(_ code: String, _ tongue: String, of api: String) async throws -> [String] {
        let file: String = "\(world.folder)/\(api)-\(tongue)" + ["curl": ".sh", "swift": ".swift", "python": ".py"][tongue]!  // the three there are
        try code.write(toFile: file, atomically: true, encoding: .utf8)
        guard tongue == "swift" else { return [tongue == "curl" ? "bash" : "python3", file] }
        let built: String = file.replacing(".swift", with: "")
        let compiled: Outcome = try await run(["swiftc", "-swift-version", "6", "-warnings-as-errors", "-o", built, file], [:])
        #expect(compiled.status == 0, "\(file): \(compiled.errors)")
        return [built]
    }

    @Test("each program on each page, as copied from it, runs against a real hub on real pictures, says what is right, and fails aloud with a wrong key")
    func programs() async throws {
        let (reader, key): (APIClient, String) = (try world.visitor(), try await key())
        var values: [String: String] = [
            "VULTUS_KEY": key, "VULTUS_PICTURE": World.picture("obama.jpg"), "VULTUS_REFERENCE": World.picture("obama2.jpg"),
        ]
        var shown: Int = 0
        for expectation in Self.expectations {
            let page = PageText(html: try await reader.get("/docs/\(expectation.api)").text)
            for (tongue, wanted) in expectation.same.sorted(by: { $0.key < $1.key }) {
                let name: String = "\(expectation.api) in \(tongue)"
                let words: [String] = try await program(try #require(page.text(ofID: tongue), "\(name)"), tongue, of: expectation.api)
                shown += 1
                // URLSession on Linux asks for no authority but the system's: its programs come as through a reverse proxy.
                if tongue == "swift" { values["VULTUS_URL"] = world.hub?.webURL }
                defer { values["VULTUS_URL"] = nil }
                let outcome: Outcome = try await run(words, values)
                #expect(outcome.status == 0 && outcome.output.contains(wanted), "\(name): \(outcome.status) \(outcome.output) \(outcome.errors)")
                if let gallery = PageText.matches(of: Self.gallery + "(gal_[0-9a-f]+)", in: outcome.output).first?.first { values["VULTUS_GALLERY"] = gallery }
                if let wanted = expectation.other[tongue] {
                    let biden: [String: String] = ["VULTUS_PICTURE": World.picture("biden.jpg")]
                    let outcome: Outcome = try await run(words, values.merging(biden) { $1 })
                    #expect(outcome.status == 0 && outcome.output.contains(wanted), "\(name): \(outcome.status) \(outcome.output) \(outcome.errors)")
                }
                let refused: Outcome = try await run(words, values.merging(["VULTUS_KEY": String(key.dropLast())]) { $1 })
                #expect(refused.status != 0 && (refused.output + refused.errors).contains("key_malformed"), "\(name): \(refused.output) \(refused.errors)")
            }
        }
        #expect(shown == 3 * APIName.all.count)
        // Nothing of them is hidden from a reader: what is served has no more programs than were run.
        for api in APIName.all {
            let page: String = try await reader.get("/docs/\(api)?language=zh").text
            #expect(page.components(separatedBy: "<pre ").count - 1 == 3)
        }
    }

    @Test("the steps from nothing to a first call, as copied from the page in one shell, lead there; only the mail's token is put in between")
    func start() async throws {
        let page = PageText(html: try await world.visitor().get("/docs/start").text)
        let steps: [String] = try ["register", "verify", "key", "ask", "call"].map { try #require(page.text(ofID: $0), "\($0)") }
        let hub: String = "\(Program.folder)/vultus-hub admin mail show \"$VULTUS_EMAIL\" --token --data \(world.hubFolder)"
        let script: String = """
            set -euo pipefail
            cd \(world.folder)
            \(steps[0])
            export VULTUS_TOKEN=$(\(hub))
            \(steps[1])
            \(steps[2])
            \(steps[3])
            \(steps[4])
            """
        let file: String = world.folder + "/start.sh"
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        let outcome: Outcome = try await run(
            ["bash", file],
            world.hubEnvironment.merging(
                ["VULTUS_EMAIL": "ada@home.example", "VULTUS_PASSWORD": "correct horse battery staple", "VULTUS_PICTURE": World.picture("obama.jpg")]
            ) { $1 })
        #expect(outcome.status == 0 && outcome.output.contains("\"detectionScore\""), "\(outcome.status) \(outcome.output) \(outcome.errors)")
        #expect(page.html.components(separatedBy: "<pre ").count - 1 == 5)
    }
}
