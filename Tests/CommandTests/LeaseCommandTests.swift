import Foundation
import TestKit
import Testing

@Suite("Leases at the command line")
struct LeaseCommandTests {
    private func leases(_ world: World) async throws -> [String: Int] {
        let lines = try await world.edge(["lease", "list"]).json() as? [[String: Any]] ?? []
        return Dictionary(uniqueKeysWithValues: lines.map { ($0["api"] as? String ?? "", $0["remaining"] as? Int ?? -1) })
    }

    private func refuses(_ world: World) async throws -> [String: [String]] {
        let status = try await world.edge(["status"]).json() as? [String: Any]
        let states = status?["states"] as? [[String: Any]] ?? []
        return Dictionary(uniqueKeysWithValues: states.map { ($0["state"] as? String ?? "", $0["refuses"] as? [String] ?? []) })
    }

    @Test("what is given back is not spent here, is free for others after a sync, and is given again; the other API goes on meanwhile")
    func returned() async throws {
        let world = try World()
        try await world.open(quota: 100, priceOptions: ["--grace-hours", "6"])
        try await world.join()
        let before: [String: Int] = try await leases(world)
        #expect(before.keys.sorted() == ["face.compare", "face.search"] && before["face.search"] ?? 0 > 0)
        let plain: Outcome = try await Program.run("vultus-edge", ["lease", "--data", world.folder + "/edge"])
        #expect(plain.output.contains("and 6 h of grace; when spent: refuse; in force"), "\(plain.output)")

        #expect(try await world.edge(["lease", "return", "--api", "face.nothing"]).code == "lease_missing")
        let returned = try await world.edge(["lease", "return", "--api", "face.search"]).json() as? [String: [String: Int]]
        #expect(returned?["returned"] == ["face.search": before["face.search"]!])
        #expect(try await leases(world).keys.sorted() == ["face.compare"])
        let identified: Outcome = try await world.edge(["identify", World.picture("obama2.jpg")])
        #expect(identified.status == 77 && identified.output.contains("lease_missing"))
        #expect(try await world.edge(["compare", World.picture("obama.jpg"), World.picture("obama2.jpg")]).status == 0)
        #expect(try await refuses(world) == ["lease_missing": ["search its own gallery", "search a gallery of the hub's"]])

        // Two syncs: the one that says it, and at the latest the next brings another.
        for _ in 0..<2 { #expect(try await world.edge(["sync"]).status == 0) }
        #expect(try await leases(world)["face.search"] == before["face.search"])
        #expect(try await refuses(world) == ["fresh": []])
        #expect(try await world.edge(["lease", "return"]).status == 0)
        #expect(try await world.edge(["lease", "return"]).json() as? [String: [String: Int]] == ["returned": [:]])
        #expect(try await refuses(world)["lease_missing"]?.contains("meter") == true)
    }

    @Test("an API that the hub grants nothing of is named with the hub's reason, and stands in nothing else's way")
    func refused() async throws {
        let world = try World()
        try await world.open()
        try await world.operate("quota", "set", World.account, "face.compare", "--units", "0")
        try await world.join()
        let status = try await world.edge(["status"]).json() as? [String: Any]
        let refusals = status?["refusals"] as? [[String: String]]
        #expect(refusals == [["api": "face.compare", "code": "quota_exhausted"]])
        #expect(try await refuses(world) == ["lease_missing": ["compare"]])
    }
}
