extension Translation {
    static let chinese: [String: String] = [:]
}
