extension HubSchema {
    /// How often a device has told that everybody of a gallery is gone from it. A cursor from before the last time does not know.
    static let emptied: String = """
        CREATE TABLE emptied_gallery (
            device_id TEXT NOT NULL REFERENCES device (id),
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            times BIGINT NOT NULL,
            PRIMARY KEY (device_id, gallery_id)
        )
        """

    /// After galleries and devices.
    static let emptiedTables: [String] = ["emptied_gallery"]
}
