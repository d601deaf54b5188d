import GRDB

/// Faults put into a program's file, as triggers: the program that meets them is the real one.
enum PlantedSQL {
    static func run(_ sql: String, in path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }
}
