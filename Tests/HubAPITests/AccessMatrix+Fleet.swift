import HubDomain
import ServiceSupport
import TestKit
import WireModel

extension Hub {
    /// A device with a command, its group, a token, and one that waits.
    /// - Returns: their identifiers by the names that paths give them.
    func furnish(_ account: Account, prefix: String) async throws -> [String: String] {
        let group: DeviceGroup = try await makeDeviceGroup("\(prefix)group", account: account.id.rawValue, by: .test)
        let device: DeviceID = try await quietDevice("\(prefix)door", account: account, group: group.id.rawValue)
        let command: IssuedCommand = try await command(.syncNow, to: device, by: .test)
        _ = try await issueToken(account: account.id.rawValue, lifetime: .seconds(86_400), by: .test)
        let token: ListedToken? = try await joinTokens().first { $0.usedBy == nil && $0.account == account.id }
        _ = try await wait(try DeviceKeys().waiting("\(prefix)waiting"), address: "192.0.2.200")
        let waiting: WaitingDevice? = try await waitingDevices().first
        return [
            "group": group.id.rawValue, "device": device.rawValue, "command": command.id.rawValue, "token": token?.id.rawValue ?? "",
            "waiting": waiting?.id.rawValue ?? "",
        ]
    }

    /// Everything of an account's fleet that a route might change, and who waits.
    func fleetState(_ account: AccountID) async throws -> String {
        var filter = FleetFilter()
        filter.account = account.rawValue
        let devices: [FleetDevice] = try await fleet(filter)
        var commands: [IssuedCommand] = []
        for device in devices { commands += try await self.commands(of: device.device.id) }
        let tokens: [ListedToken] = try await joinTokens().filter { $0.account == account }
        return try [
            JSON.text(devices), JSON.text(commands), JSON.text(tokens), JSON.text(try await deviceGroups(account: account.rawValue)),
            JSON.text(try await waitingDevices()), JSON.text(try await waitingDevices(refused: true)),
        ].joined(separator: "\n")
    }
}
