/// A sum of money per window for a scope.
package enum Budget: Nameable {}
