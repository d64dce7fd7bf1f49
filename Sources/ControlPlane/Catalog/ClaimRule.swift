/// One claim's value and what it is worth here: `{"claim": "groups", "value": "platform", "roles": ["admin"]}`.
package struct ClaimRule: Hashable, Sendable {
    package let claim: String
    package let value: String
    package let grants: Grants

    init?(_ form: inout Form) {
        let claim = form.text("claim")
        let value = form.text("value")
        let grants = Grants(&form)
        form.finish()
        if grants?.isEmpty == true { form.add("roles", "must name at least one role, here or for a team") }
        guard let claim, let value, let grants, form.isGood else { return nil }
        self.claim = claim
        self.value = value
        self.grants = grants
    }

    var json: JSON {
        .object(self.grants.members).merging(["claim": .string(self.claim), "value": .string(self.value)])
    }
}
