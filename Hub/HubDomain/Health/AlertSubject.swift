import HubStorage
import WireModel

/// What the rules look at, of one device in service.
struct AlertSubject {
    let device: DeviceID
    let account: AccountID
    let group: DeviceGroupID?
    let labels: [String: String]
    let contact: Timestamp?
    /// Three of its intervals, five minutes at least: before that nobody can be called silent.
    let patience: Duration
    let reported: Timestamp?
    let point: HealthPoint?
    /// `nil` before it has told.
    let hasDrifted: Bool?
    /// `nil`: no update of it failed, or what failed is settled.
    let updateTrouble: UpdateTrouble?
}

/// All devices in service, read at once; configurations that many share are worked out once.
struct AlertSubjects {
    let connection: any SQLConnection
    private var layers: [String: (silence: Int64, mark: String)] = [:]

    init(_ connection: any SQLConnection) { self.connection = connection }

    /// - Parameter rules: what no rule of these looks at is not looked for.
    mutating func all(for rules: [AlertRule]) throws -> [AlertSubject] {
        let troubles: [String: UpdateTrouble] = try rules.contains { $0.condition == .updateFailed } ? UpdateTrouble.byDevice(connection) : [:]
        let labels: [String: [String: String]] = try Fleet.labels(connection)
        var subjects: [AlertSubject] = []
        for row in try connection.rows(
            """
            SELECT device.id AS id, device.account_id AS account_id, device.group_id AS group_id, contact_ms, overrides, reported, configuration, vitals,
                device_health.reported_ms AS health_ms
                FROM device LEFT JOIN device_group ON device_group.id = device.group_id LEFT JOIN device_health ON device_health.device_id = device.id
                WHERE revoked_ms IS NULL AND stolen_ms IS NULL ORDER BY device.id
            """, [])
        {
            let id: String = try row.text("id")
            guard let device = DeviceID(rawValue: id), let account = AccountID(rawValue: try row.text("account_id")) else { throw HubStorageError.damaged }
            let wanted: (silence: Int64, mark: String) = try layer(try row.textOrNil("configuration"), try row.textOrNil("overrides"))
            let told: ReportedState? = try row.textOrNil("reported").flatMap { try? JSON.value(ReportedState.self, from: $0) }
            subjects.append(
                AlertSubject(
                    device: device, account: account, group: try row.textOrNil("group_id").flatMap(DeviceGroupID.init(rawValue:)), labels: labels[id] ?? [:],
                    contact: try row.timeOrNil("contact_ms"), patience: .milliseconds(wanted.silence), reported: try row.timeOrNil("health_ms"),
                    point: try row.blobOrNil("vitals").flatMap(HealthPoint.init(packed:)), hasDrifted: told.map { $0.configuration != wanted.mark },
                    updateTrouble: troubles[id]))
        }
        return subjects
    }

    private mutating func layer(_ group: String?, _ overrides: String?) throws -> (silence: Int64, mark: String) {
        let key: String = (group ?? "") + "\n" + (overrides ?? "")
        if let known = layers[key] { return known }
        let wanted: DeviceConfiguration =
            DeviceGroups.layered(
                try overrides.map { try JSON.value(ConfigurationOverrides.self, from: $0) },
                over: try group.map { try JSON.value(DeviceConfiguration.self, from: $0) }) ?? .standard
        let made = (silence: FleetDevice.silence(wanted), mark: try JSON.mark(wanted))
        layers[key] = made
        return made
    }
}

extension AlertRule {
    enum Finding: Equatable {
        /// With the value, in the level's unit.
        case holds(Int64)
        case over(Int64?)
        /// Nothing is known, or the value is between the level and its margin: what was, stays.
        case open
    }

    /// - Parameter resumed: since when the hub has been there without a break: before that no device could have been heard.
    func look(at subject: AlertSubject, now: Timestamp, resumed: Timestamp) -> Finding {
        switch condition {
        case .silent:
            guard let contact = subject.contact else { return .over(nil) }
            let silence: Duration = now.since(max(contact, resumed))
            return silence >= max(.seconds(level * 60), subject.patience)
                ? .holds(now.since(contact).wholeMilliseconds / 60_000)
                // Nothing was heard since the hub came back: it is neither silent yet nor heard again.
                : contact >= resumed ? .over(nil) : .open
        case .drifting: return subject.hasDrifted.map { $0 ? .holds(1) : .over(0) } ?? .open
        case .updateFailed:
            switch subject.updateTrouble {
            case .failed?: return .holds(1)
            case .tryingAnother?: return .open
            case nil: return .over(0)
            }
        default:
            // What was told long ago says nothing of now; that it is long ago is a matter of `silent`.
            guard let wanted = condition.metric, let reported = subject.reported, now.since(reported) <= max(.seconds(1_200), subject.patience),
                let value = subject.point?[wanted.metric]
            else { return .open }
            let measured: Double = abs(value.mean * wanted.factor)
            let (shown, limit, band): (Int64, Double, Double) = (Int64(measured.rounded()), Double(level), Double(margin))
            if condition.isBelow { return measured < limit ? .holds(shown) : measured >= limit + band ? .over(shown) : .open }
            let isReached: Bool = condition == .camerasDown || condition == .troubled ? measured >= limit : measured > limit
            return isReached ? .holds(shown) : measured <= limit - band ? .over(shown) : .open
        }
    }
}
