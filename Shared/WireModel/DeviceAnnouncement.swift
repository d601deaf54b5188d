/// Something the hub's operator says on devices' screens.
package struct DeviceAnnouncement: Sendable, Codable, Hashable {
    package struct Text: Sendable, Codable, Hashable {
        package let title: String
        package let body: String

        package init(title: String, body: String) {
            self.title = title
            self.body = body
        }
    }

    package let id: AnnouncementID
    /// By language, `en` and `zh`.
    package let texts: [String: Text]
    package let begins: Timestamp
    package let ends: Timestamp?

    package init(id: AnnouncementID, texts: [String: Text], begins: Timestamp, ends: Timestamp?) {
        self.id = id
        self.texts = texts
        self.begins = begins
        self.ends = ends
    }

    package func stands(at time: Timestamp) -> Bool { begins <= time && ends.map { time < $0 } ?? true }

    /// In the language asked for, else in English, else in any.
    package func text(in language: String) -> Text { texts[language] ?? texts["en"] ?? texts.values.first ?? Text(title: "", body: "") }
}

/// All that a device is to show, now and in the days to come: takes the place of what it had.
package struct DeviceAnnouncements: Sendable, Codable, Hashable {
    /// Names this very list: a device sends it back, and hears nothing while it still holds.
    package let mark: String
    package let items: [DeviceAnnouncement]

    package init(mark: String, items: [DeviceAnnouncement]) {
        self.mark = mark
        self.items = items
    }
}
