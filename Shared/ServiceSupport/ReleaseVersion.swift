/// The version of this source, shown by `--version` and sent to the hub at each sync.
package enum ReleaseVersion {
    package static let current: String = "0.1.0"
}
