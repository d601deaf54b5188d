import HubAPI
import HubDomain
import WireModel

/// A device's health by itself, for operators and for the account whose device it is.
struct HealthPages: Sendable {
    let console: Console

    var routes: [Route] {
        [
            console.page("/operator/devices/{device}/health", .everyOperator, "How a device was over time.") { visit in
                try await page(visit, account: nil, side: .staff, section: "/operator/devices")
            },
            console.page("/account/devices/{device}/health", .everyMember, "How a device of the account was over time.") { visit in
                try await page(visit, account: try visit.call.member.account, side: .member, section: "/account")
            },
        ]
    }

    private func page(_ visit: Visit, account: AccountID?, side: ConsolePage.Side, section: String) async throws -> ConsolePage {
        let device: DeviceID = try visit.call.id("device")
        let blocks: [Block] = try await HealthCharts.blocks(of: device, account: account, visit)
        let name: String = try await console.hub.fleetDevice(device).device.label
        return ConsolePage(
            side: side, title: name, section: section, blocks: [.facts([(visit.say("Device", "设备"), device.rawValue)])] + blocks)
    }
}
