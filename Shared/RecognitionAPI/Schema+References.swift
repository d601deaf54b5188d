extension Schema {
    /// The schema with every reference replaced by what it names; one that names nothing stays.
    package func resolved(by components: [String: Schema]) -> Schema {
        switch self {
        case .reference(let name): components[name]?.resolved(by: components) ?? self
        case .array(let item, let most): .array(item.resolved(by: components), most: most)
        case .map(let value): .map(value.resolved(by: components))
        case .object(let fields):
            .object(
                fields.map { Field(name: $0.name, schema: $0.schema.resolved(by: components), isRequired: $0.isRequired, about: $0.about) })
        default: self
        }
    }

    /// What is referred to, at any depth.
    package var references: Set<String> {
        switch self {
        case .reference(let name): [name]
        case .array(let item, _): item.references
        case .map(let value): value.references
        case .object(let fields): fields.reduce(into: []) { $0.formUnion($1.schema.references) }
        default: []
        }
    }
}
