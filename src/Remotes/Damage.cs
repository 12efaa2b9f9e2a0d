using LmmRec.Artifacts;

namespace LmmRec.Remotes;

/// <summary>What becomes of an object whose content is not the one that its name says.</summary>
internal static class Damage
{
    /// <summary>Deletes it, as far as that is allowed: it is of no use to anybody, and a push tells by name and size what is missing.</summary>
    /// <returns>What to throw.</returns>
    public static async Task<InvalidInputException> TakeAwayAsync(IRemote remote, string name, string hash, CancellationToken cancellation)
    {
        var damage = $"{remote.Address}: {name} is damaged: its content has the SHA-256 {hash}";
        try
        {
            await remote.DeleteAsync(name, cancellation);
            return new InvalidInputException($"{damage}; it was deleted there: push again from where it is whole, then run the same command again");
        }
        catch (Exception e) when (remote.Explain(e) is { } why)
        {
            return new InvalidInputException($"{damage}, and it cannot be deleted: the remote {why}; delete it there, then push again from where it is whole", e);
        }
    }
}
