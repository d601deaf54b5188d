import Dispatch
import Foundation
import HubStorage
import Synchronization
import TestKit
import Testing

/// What writes of one row cost.
private final class Toll: Sendable {
    private let state = Mutex((writes: 0, runs: 0, mostRuns: 0, longest: Duration.zero))

    /// Adds one to row 1 as a caller does that reads first and thinks before it writes.
    func increment(_ database: any HubDatabase, thinking: Duration = .zero) async throws {
        let start = ContinuousClock.now
        let runs = Atomic<Int>(0)
        defer {
            let took: Duration = .now - start
            state.withLock {
                let count: Int = runs.load(ordering: .relaxed)
                $0 = ($0.writes + 1, $0.runs + count, max($0.mostRuns, count), max($0.longest, took))
            }
        }
        try await database.write { connection in
            runs.add(1, ordering: .relaxed)
            let number: Int64 = try connection.rows("SELECT number FROM thing WHERE id = 1", [])[0].integer("number")
            if thinking > .zero { usleep(UInt32(thinking / .microseconds(1))) }
            try connection.execute("UPDATE thing SET number = ? WHERE id = 1", [.integer(number + 1)])
        }
    }

    var writes: Int { state.withLock(\.writes) }

    var mostRuns: Int { state.withLock(\.mostRuns) }

    var summary: String {
        state.withLock { "\($0.writes) writes, \($0.runs - $0.writes) run again, at most \($0.mostRuns) runs of one; the longest took \($0.longest)" }
    }
}

/// Threads that keep every core busy while it lives.
private final class Load {
    private let isOver = SharedFlag()

    init(threads: Int) {
        for _ in 0..<threads {
            Thread.detachNewThread { [isOver] in
                var number: UInt64 = 1
                while !isOver.isSet { for _ in 0..<10_000 { number = number &* 6_364_136_223_846_793_005 &+ 1 } }
                withExtendedLifetime(number) {}
            }
        }
    }

    deinit { isOver.set() }
}

private final class SharedFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}

@Suite("Many writers of one row", .serialized, .enabled(if: TestEngine.server != nil))
struct ContentionTests {
    private static func withHubs(
        _ count: Int = 2, poolSize: Int = 8, _ body: (_ hubs: [any HubDatabase], _ test: TestDatabase) async throws -> Void
    ) async throws {
        let test = try TestDatabase(.postgres)
        var hubs: [any HubDatabase] = []
        for _ in 0..<count { hubs.append(try await openTestDatabase(test, poolSize: poolSize)) }
        try await hubs[0].put(1)
        do {
            try await body(hubs, test)
        } catch {
            for hub in hubs { await hub.close() }
            throw error
        }
        for hub in hubs { await hub.close() }
    }

    @Test("24 writers through two hubs, on a machine with much else to do, lose nothing, and none is told that the database is busy")
    func crowd() async throws {
        try await Self.withHubs { hubs, _ in
            let load = Load(threads: 2 * ProcessInfo.processInfo.activeProcessorCount)
            let toll = Toll()
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for writer in 0..<24 {
                    group.addTask { for _ in 0..<25 { try await toll.increment(hubs[writer % 2], thinking: .milliseconds(2)) } }
                }
                try await group.waitForAll()
            }
            print("24 writers of one row, \(ContinuousClock.now - start): \(toll.summary)")
            withExtendedLifetime(load) {}
            #expect(try await hubs[0].number(of: 1) == 600)
            // Three losses and a turn of its own; some more when the turn came while a write of another's took its time.
            #expect(toll.mostRuns <= 12)
        }
    }

    @Test("a slow write is done among quick ones of the same row that never rest")
    func slow() async throws {
        try await Self.withHubs { hubs, _ in
            let isOver = SharedFlag()
            let toll = Toll()
            let runs: Int = try await withThrowingTaskGroup { group in
                for writer in 0..<6 {
                    group.addTask { while !isOver.isSet { try await toll.increment(hubs[writer % 2]) } }
                }
                while toll.writes < 20 { await Task.yield() }
                let runs = Atomic<Int>(0)
                let result = await Result {
                    try await hubs[0].write { connection in
                        runs.add(1, ordering: .relaxed)
                        let number: Int64 = try connection.rows("SELECT number FROM thing WHERE id = 1", [])[0].integer("number")
                        usleep(100_000)
                        try connection.execute("UPDATE thing SET number = ? WHERE id = 1", [.integer(number + 1)])
                    }
                }
                isOver.set()
                try await group.waitForAll()
                try result.get()
                return runs.load(ordering: .relaxed)
            }
            print("A slow write ran \(runs) times beside \(toll.summary)")
            #expect(runs <= 8)
        }
    }
}

extension ContentionTests {
    @Test("a write that lost three times runs when no other write of any hub does, and what it holds ends with its connection")
    func alone() async throws {
        try await Self.withHubs { hubs, test in
            let (alone, isAlone) = AsyncStream.makeStream(of: Void.self)
            let loser = Loser(losses: 3, test)
            async let written: Result<Void, any Error> = Result {
                try await loser.write(to: hubs[0]) { connection in
                    isAlone.finish()
                    // The other hub's write has begun, and stands in line.
                    try Locks.wait(for: "mode = 'RowExclusiveLock' AND NOT granted", connection)
                    #expect(try Locks.count("mode = 'ExclusiveLock' AND granted AND pid = pg_backend_pid()", connection) == 1)
                    let backend: Int64 = try connection.rows("SELECT pg_backend_pid() AS pid", [])[0].integer("pid")
                    try PostgresDatabase.execute(script: "SELECT pg_terminate_backend(\(backend), 5000)", at: test.argument)
                }
            }
            for await _ in alone {}
            try await Toll().increment(hubs[1])
            let cut: Result<Void, any Error> = await written
            let error = #expect(throws: HubStorageError.self) { try cut.get() }
            guard case .unavailable? = error else { throw try #require(error) }
            #expect(loser.runs == 4)
            #expect(try await hubs[0].number(of: 1) == 4)
        }
    }

    @Test("losers are done beside a write that takes long; one of them at a time holds others up")
    func long() async throws {
        try await Self.withHubs(poolSize: 3) { hubs, test in
            let release = DispatchSemaphore(value: 0)
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            async let long: Void = hubs[1].write { connection in
                try connection.execute("INSERT INTO thing (id, number) VALUES (2, 0)", [])
                begin.finish()
                #expect(release.wait(timeout: .now() + 20) == .success)
            }
            for await _ in begun {}
            let isOver = SharedFlag()
            let losers: [Loser] = (0..<4).map { _ in Loser(losses: 3, test) }
            async let crowded: Int64 = {
                var most: Int64 = 0
                while !isOver.isSet { most = max(most, try await hubs[0].read { try Locks.count("mode = 'ExclusiveLock' AND NOT granted", $0) }) }
                return most
            }()
            let outcome = await Result {
                try await withThrowingTaskGroup { group in
                    for loser in losers { group.addTask { try await loser.write(to: hubs[0]) } }
                    try await group.waitForAll()
                }
            }
            isOver.set()
            #expect(try await crowded == 1)
            release.signal()
            try await long
            try outcome.get()
            #expect(try await hubs[0].number(of: 1) == Int64(losers.count * 4))
        }
    }

    @Test("a loser that is cancelled gives its turn to the next")
    func cancelled() async throws {
        try await Self.withHubs(1) { hubs, test in
            let losers: [Loser] = (0..<3).map { _ in Loser(losses: .max, test) }
            let tasks: [Task<Void, any Error>] = losers.map { loser in Task { try await loser.write(to: hubs[0]) } }
            // One of them has the turn, and the others wait for it.
            while losers.reduce(0, { $0 + $1.runs }) < 12 { await Task.yield() }
            for task in tasks { task.cancel() }
            for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
            let last = Loser(losses: 3, test)
            try await last.write(to: hubs[0])
            #expect(last.runs == 4)
        }
    }

    @Test("a migration and a write that runs alone do not wait for each other")
    func migration() async throws {
        try await Self.withHubs(1) { hubs, test in
            let (alone, isAlone) = AsyncStream.makeStream(of: Void.self)
            let loser = Loser(losses: 3, test, looksFirst: false)
            async let written: Void = loser.write(to: hubs[0]) { connection in
                isAlone.finish()
                try Locks.wait(for: "NOT granted", connection)
            }
            for await _ in alone {}
            let altering = Migration(name: "9999-more", sql: "ALTER TABLE thing ADD COLUMN more TEXT")
            let newer = try await openTestDatabase(test, poolSize: 1, and: [altering])
            try await written
            #expect(loser.runs == 4)
            #expect(try await newer.number(of: 1) == 4)
            await newer.close()
        }
    }
}

/// A write of row 1 that loses, as often as it is told, to one that asks nobody.
private final class Loser: Sendable {
    private let losses: Int
    private let test: TestDatabase
    private let looksFirst: Bool
    private let count = Atomic<Int>(0)

    /// - Parameter looksFirst: whether it has read the row when it comes to `body`.
    init(losses: Int, _ test: TestDatabase, looksFirst: Bool = true) {
        self.losses = losses
        self.test = test
        self.looksFirst = looksFirst
    }

    var runs: Int { count.load(ordering: .relaxed) }

    /// - Parameter body: what it does when it does not lose.
    func write(to database: any HubDatabase, _ body: @escaping @Sendable (any SQLConnection) throws -> Void = { _ in }) async throws {
        try await database.write { connection in
            let isLost: Bool = self.count.add(1, ordering: .relaxed).newValue <= self.losses
            if !isLost, !self.looksFirst { try body(connection) }
            let number: Int64 = try connection.rows("SELECT number FROM thing WHERE id = 1", [])[0].integer("number")
            if isLost {
                try PostgresDatabase.execute(script: "UPDATE thing SET number = number + 1 WHERE id = 1", at: self.test.argument)
            } else if self.looksFirst {
                try body(connection)
            }
            try connection.execute("UPDATE thing SET number = ? WHERE id = 1", [.integer(number + 1)])
        }
    }
}

/// The locks of `schema_version`.
private enum Locks {
    static func count(_ condition: String, _ connection: any SQLConnection) throws -> Int64 {
        try connection.rows("SELECT count(*) AS n FROM pg_locks WHERE relation = 'schema_version'::regclass AND \(condition)", [])[0].integer("n")
    }

    /// Blocks; what was not met in time simply goes on.
    static func wait(for condition: String, _ connection: any SQLConnection) throws {
        for _ in 0..<500 {
            if try count(condition, connection) > 0 { return }
            usleep(10_000)
        }
        Issue.record("nobody waits: \(condition)")
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
