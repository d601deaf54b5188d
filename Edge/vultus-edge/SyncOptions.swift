import ArgumentParser
import EdgeSync
import HubClient
import WireModel

extension DeviceConfiguration.Links: ExpressibleByArgument {}

/// How `run` and `serve` keep in step with the hub.
struct SyncOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Seconds between syncs; 0 never syncs.",
            discussion: "When left out: as the group's configuration says and the hub asks; 30 s before either was heard."))
    var syncEvery: Double?
    @Option(help: ArgumentHelp("Which links may carry a sync: any, or unmetered.", discussion: "When left out: as the group's configuration says."))
    var links: DeviceConfiguration.Links?
    @Option(
        help: ArgumentHelp("Interfaces that are metered, separated by commas; * and ? as in a shell.", discussion: "wwan*, ppp*, usb* and rmnet* when left out."))
    var meteredInterfaces: String?

    var isOn: Bool { syncEvery != 0 }

    func policy() throws(Problem) -> SyncPolicy {
        if let syncEvery, syncEvery != 0, !(1...86_400).contains(syncEvery) {
            throw Problem(.invalidRequest, "Those intervals cannot be kept.", remedy: "Give --sync-every 0 or from 1 to 86400.")
        }
        let metered: [String] = meteredInterfaces?.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty } ?? LinkPolicy.mobileInterfaces
        return SyncPolicy(interval: syncEvery.map { .seconds($0) }, links: links, meteredInterfaces: metered)
    }
}
