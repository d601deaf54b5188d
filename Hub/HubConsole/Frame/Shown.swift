import Mustache

/// What a template is filled with, computed members too: by itself a template sees stored ones only.
protocol Shown: MustacheParent {
    func computed(_ name: String) -> Any?
}

extension Shown {
    func child(named name: String) -> Any? {
        if let value = computed(name) { return value }
        guard let stored = Mirror(reflecting: self).children.first(where: { $0.label == name })?.value else { return nil }
        let mirror = Mirror(reflecting: stored)
        return mirror.displayStyle == .optional ? mirror.children.first?.value : stored
    }
}
