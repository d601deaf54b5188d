import Foundation
import HubAPI
import HubDomain
import HubStorage
import RecognitionAPI
import TestKit
import Testing
import WireModel

extension MeteringTests {
    @Suite("Against an oracle")
    struct OracleTests {
        private static let operations: Int = FullTests.isOn ? 1_000 : 250

        @Test(
            "after mixed operations with repetitions, failures, duplicates and SIGKILL, the books are what the answers said, to the unit and the millionth",
            arguments: TestEngine.available)
        func oracle(engine: TestEngine) async throws {
            let seed: UInt64 = SeededGenerator.wantedSeed
            print("NOTICE: \(engine.rawValue): operations of seed \(seed); repeat them with VULTUS_SEED=\(seed)")
            let trial = try await OracleTrial(engine, seed: seed)
            let kills: Int = try await trial.run(operations: Self.operations)
            try await trial.finish()
            let oracle: Oracle = trial.oracle
            print("NOTICE: \(engine.rawValue): \(kills) kills, \(await oracle.doubts) in doubt; \(await oracle.seen.sorted { $0.key < $1.key })")
            #expect(await oracle.contradictions == [], "seed \(seed)")
            #expect(kills >= Self.operations / 80)
            #expect(await oracle.units > Int64(Self.operations / 5))
            #expect(await oracle.deviceUnits > 0)
            #expect(await oracle.seen["answer lost", default: 0] > 0)
            try await trial.compare()
        }
    }
}

/// One run: hubs, those who use them, and whoever kills the hubs.
private final class OracleTrial {
    let oracle = Oracle()
    private let world: World
    private let fleet: HubFleet
    private let people: OracleWorld
    private var random: SeededGenerator
    private static let firstQuota: Int64 = 60

    init(_ engine: TestEngine, seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        world = try World(engine)
        _ = try await world.operate("init")
        try await world.openAccount()
        _ = try await world.operate("price", "set", "face.compare", "--price", "0.009", "--free", "20", "--step", "200:0.015", "--lease-units", "12")
        _ = try await world.operate("price", "set", "face.enrol", "--price", "0")
        _ = try await world.operate("catalogue", "terms", "face.compare", "--calls", "1000000", "--seconds", "60")
        _ = try await world.operate("quota", "set", World.account, "face.compare", "--units", "\(Self.firstQuota)")
        fleet = try await HubFleet(world, hubs: engine == .sqlite ? 1 : 2)
        people = try await OracleWorld(world, urls: fleet.urls)
    }

    /// - Returns: how often a hub was killed.
    func run(operations: Int) async throws -> Int {
        let (people, oracle): (OracleWorld, Oracle) = (people, oracle)
        let token: String = try await world.token()
        let seeds: [SeededGenerator] = (0..<5).map { _ in SeededGenerator(seed: random.next()) }
        async let lanes: Void = Self.use(people, oracle, token: token, seeds: seeds, operations: operations)
        let kills: Int = try await killHubs(before: operations)
        try await lanes
        return kills
    }

    /// Three programs, a device and an office at once.
    private static func use(_ people: OracleWorld, _ oracle: Oracle, token: String, seeds: [SeededGenerator], operations: Int) async throws {
        do {
            try await work(people, oracle, token: token, seeds: seeds, operations: operations)
        } catch {
            await oracle.end()
            throw error
        }
        await oracle.end()
    }

    private static func work(_ people: OracleWorld, _ oracle: Oracle, token: String, seeds: [SeededGenerator], operations: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask {
                    var lane = try await CallLane(people, oracle, name: "lane\(number)", random: seeds[number])
                    try await lane.run(operations * 23 / 100)
                }
            }
            group.addTask {
                var lane = try await DeviceLane(people, oracle, token: token, random: seeds[3])
                try await lane.run(operations * 15 / 100)
            }
            group.addTask {
                var lane = try await OfficeLane(people, oracle, quota: firstQuota, random: seeds[4])
                try await lane.pay(1_000_000)
                try await lane.run(operations * 16 / 100)
            }
            try await group.waitForAll()
        }
    }

    /// Now one, now another, each time when some more operations are done.
    private func killHubs(before last: Int) async throws -> Int {
        var kills: Int = 0
        while true {
            let next: Int = await oracle.operations + Int.random(in: 10...40, using: &random)
            guard next < last * 9 / 10, await !oracle.isOver else { return kills }
            while await oracle.operations < next {
                if await oracle.isOver { return kills }
                try await Task.sleep(for: .milliseconds(2))
            }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...20_000, using: &random)))
            let victim: Int = Int.random(in: 0..<fleet.urls.count, using: &random)
            await fleet.kill(victim)
            kills += 1
            try await fleet.start(victim)
        }
    }

    /// Ten minutes later: claims of dead hubs are released, and calls that were not answered are sent again.
    func finish() async throws {
        let later: Hub = try await Hub.open(
            directory: world.hubFolder, database: world.database.location, mayMake: false, clock: ShiftedClock(by: .seconds(601)))
        while try await later.releaseAbandonedClaims() > 0 {}
        let quota: Int64 = try await later.quotas(account: World.account).first { $0.api == .compare }?.units ?? 0
        await later.close()
        var office = try await OfficeLane(people, oracle, quota: quota, random: random)
        try await office.raise(by: 1_000)
        try await office.pay(20_000_000)
        var lane = try await CallLane(people, oracle, name: "last", random: random)
        for call in await oracle.takePending() { try await lane.settle(call) }
        #expect(await oracle.pending.isEmpty)
    }

    /// The hub's books against those of the answers.
    func compare() async throws {
        let client: APIClient = try await people.clients(people.owner)[0]
        let account: Quota = try JSON.value([Quota].self, from: JSON.bytes(JSONValue.array(try await client.get("/v1/account/quotas").items)))
            .first { $0.api == .compare }!
        let (known, doubts): (Int64, Int64) = (await oracle.units, await oracle.doubts)
        #expect((known...known + doubts).contains(account.settled), "\(account.settled) units, \(known) were answered, \(doubts) in doubt")
        #expect(account.settled + account.reserved <= account.units)

        // By month of use, so that a month may end meanwhile.
        var units: [String: Int64] = [:]
        var lines: (units: Int64, packUnits: Int64, amount: Int64) = (0, 0, 0)
        for month in try await client.get("/v1/account/statements").items.compactMap(\.text) {
            let statement: APIAnswer = try await client.get("/v1/account/statements/\(month)")
            for line in statement["lines"].items ?? [] where line["api"]?.text == "face.compare" {
                let (all, packs): (Int64, Int64) = (line["units"]?.integer ?? 0, line["packUnits"]?.integer ?? 0)
                lines = (lines.units + all, lines.packUnits + packs, lines.amount + (line["amount"]?["millionths"]?.integer ?? 0))
                units[line["monthOfUse"]?.text ?? "", default: 0] += all - packs
                try await open(line, of: month, for: client)
            }
        }
        #expect(lines.units == account.settled)
        #expect(lines.packUnits <= (await oracle.packUnits))
        let charged: Int64 = units.values.reduce(0) { $0 + OracleWorld.tariff.cost($1) }
        #expect(lines.amount == charged)
        let balance: JSONValue? = try await client.get("/v1/account/balance").items.first
        let amount: Int64 = (balance?["amount"]?.integer ?? 0) - (balance?["due"]?.integer ?? 0)
        #expect(amount == (await oracle.money) - charged)
        await fleet.stop()
        let check: Outcome = try await world.operate("database", "verify")
        #expect(check.status == 0, "\(check.output) \(check.errors)")
    }

    /// A line is its records, no more and no less.
    private func open(_ line: JSONValue, of month: String, for client: APIClient) async throws {
        var (count, units, amount, after): (Int64, Int64, Int64, String) = (0, 0, 0, "")
        while true {
            let name: String = (line["line"]?.text ?? "").replacing("/", with: "%2F")
            let page: [JSONValue] = try await client.get(
                "/v1/account/statements/\(month)/records?line=\(name)&limit=200" + (after.isEmpty ? "" : "&after=\(after.replacing(":", with: "%3A"))")
            ).items
            guard let last = page.last else { break }
            count += Int64(page.count)
            units += page.reduce(0) { $0 + ($1["units"]?.integer ?? 0) }
            amount += page.reduce(0) { $0 + ($1["amount"]?.integer ?? 0) }
            after = last["id"]?.text ?? ""
        }
        #expect(count == line["records"]?.integer)
        #expect(units == line["units"]?.integer)
        #expect(amount == line["amount"]?["millionths"]?.integer)
    }
}
