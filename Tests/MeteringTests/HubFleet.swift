import Foundation
import TestKit

/// Hubs in processes of their own, on one database, that are killed and come back at the same addresses.
final class HubFleet {
    /// One of each hub; they stay.
    let urls: [String]
    private let environment: [String: String]
    private let directories: [String]
    private var processes: [HubProcess?]

    /// Serves a hub that has been made, from further directories with the same keys too.
    init(_ world: World, hubs: Int) async throws {
        environment = world.hubEnvironment
        directories = [world.hubFolder] + (1..<max(1, hubs)).map { world.folder + "/hub\($0)" }.prefix(hubs - 1)
        processes = []
        var urls: [String] = []
        for directory in directories {
            if directory != world.hubFolder {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: world.hubFolder + "/keys", toPath: directory + "/keys")
            }
            let process = try await HubProcess(directory: directory, environment: environment)
            urls.append(process.url)
            processes.append(process)
        }
        self.urls = urls
    }

    func kill(_ number: Int) async {
        await processes[number]?.kill()
        processes[number] = nil
    }

    func start(_ number: Int) async throws {
        let port = Int(urls[number].split(separator: ":").last ?? "") ?? 0
        processes[number] = try await HubProcess(directory: directories[number], port: port, environment: environment)
    }

    func stop() async {
        for number in processes.indices {
            _ = await processes[number]?.stop()
            processes[number] = nil
        }
    }
}
