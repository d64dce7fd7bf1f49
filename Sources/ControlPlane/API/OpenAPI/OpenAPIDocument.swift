/// The OpenAPI 3.1 document of the admin API: paths from the endpoints themselves, schemas from `OpenAPISchemas`.
package struct OpenAPIDocument {
    private let endpoints: [Endpoint]

    package init(_ endpoints: [Endpoint]) { self.endpoints = endpoints }

    package var text: String { self.json.canonical }

    package var json: JSON {
        var paths: [String: JSON] = [:]
        for endpoint in self.endpoints {
            let path = "/v1\(endpoint.path)"
            let operation = [endpoint.method.rawValue.lowercased(): self.operation(endpoint)]
            paths[path] = (paths[path] ?? .object([:])).merging(operation)
        }
        return .object([
            "openapi": "3.1.0",
            "info": .object([
                "title": "Martlet admin API", "version": "1",
                "description": .string(Self.description),
                "license": .object(["name": "Apache-2.0", "identifier": "Apache-2.0"]),
            ]),
            "servers": .array([.object(["url": "/"])]),
            "security": .array([.object(["token": .array([])])]),
            "paths": .object(paths),
            "components": .object([
                "schemas": .object(OpenAPISchemas.all),
                "securitySchemes": .object([
                    "token": .object([
                        "type": "http", "scheme": "bearer",
                        "description": "A principal's token: `martlet principals create`, or the one that `init` left.",
                    ])
                ]),
            ]),
        ])
    }

    private static let description = """
        Collections have cursor pages (`limit`, `after`); the reply's `next` is the next `after`. Items carry their \
        revision as ETag; PUT takes If-Match, and so may DELETE and the verbs of models and keys. Writes take Idempotency-Key (24 hours per principal; what is shown \
        once is not shown again). Names with a slash are one path segment, written %2F. Fields that are not listed \
        are refused; those that the server gives may be sent back and are ignored. Errors are RFC 9457 problems \
        with JSON pointers.
        """

    private func operation(_ endpoint: Endpoint) -> JSON {
        var members: [String: JSON] = [
            "operationId": .string(Self.operationID(endpoint)), "summary": .string(endpoint.summary),
            "tags": .array([.string(String(endpoint.path.split(separator: "/").first ?? ""))]),
            "description": .string("Roles: \(endpoint.permission.roles.map(\.rawValue).joined(separator: ", "))."),
            "parameters": .array(Self.parameters(endpoint)),
            "responses": .object(Self.responses(endpoint)),
        ]
        if let schema = endpoint.bodySchema {
            var content = ["application/json": Self.schema(schema)]
            if endpoint.takesYAML { content["application/yaml"] = Self.schema(schema) }
            members["requestBody"] = .object([
                "required": .bool(endpoint.isBodyRequired), "content": .object(content),
            ])
        }
        return .object(members)
    }

    private static func operationID(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split { "/{}".contains($0) }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return endpoint.method.rawValue.lowercased() + words.joined()
    }

    private static func parameters(_ endpoint: Endpoint) -> [JSON] {
        let names = endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
        var parameters = names.map { Self.parameter(String($0), in: "path", isRequired: true) }
        parameters += endpoint.query.map { Self.parameter($0, in: "query", isRequired: false) }
        if endpoint.method == .put, endpoint.path.hasSuffix("{name}") {
            parameters.append(Self.parameter("If-Match", in: "header", isRequired: true))
        }
        if endpoint.isWrite { parameters.append(Self.parameter("Idempotency-Key", in: "header", isRequired: false)) }
        return parameters
    }

    private static func parameter(_ name: String, in place: String, isRequired: Bool) -> JSON {
        .object([
            "name": .string(name), "in": .string(place), "required": .bool(isRequired),
            "schema": .object(["type": "string"]),
        ])
    }

    private static func responses(_ endpoint: Endpoint) -> [String: JSON] {
        var responses: [String: JSON] = [
            "default": .object([
                "description": "A problem; nothing was changed.",
                "content": .object(["application/problem+json": Self.schema("Problem")]),
            ])
        ]
        for status in endpoint.statuses {
            responses[String(status)] = .object([
                "description": .string(status == 202 ? "Done, and it waits for approval." : "Done."),
                "content": .object(["application/json": Self.schema(endpoint.replySchema)]),
            ])
        }
        return responses
    }

    private static func schema(_ name: String) -> JSON {
        .object(["schema": .object(["$ref": .string("#/components/schemas/\(name)")])])
    }
}
