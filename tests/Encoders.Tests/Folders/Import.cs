using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Folders;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>An import that nobody watches.</summary>
internal static class Import
{
    /// <summary>A hub that nobody answers for.</summary>
    public static readonly Hub NoHub = new(new Uri("http://hub.invalid/"), null);

    public static async Task<EncoderCard> RunAsync(string source, string target, string? variant = null, Hub? hub = null)
    {
        using var client = EncoderModels.NewClient(null, hub ?? NoHub);
        return await EncoderFolder.ImportAsync(source, variant, target, hub ?? NoHub, client, new Silence(), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>The import fails, and its message holds all of the words.</summary>
    public static async Task RefusedAsync(string source, string target, string[] words, string? variant = null, Hub? hub = null)
    {
        var message = (await Assert.ThrowsAsync<InvalidInputException>(() => RunAsync(source, target, variant, hub))).Message;
        foreach (var word in words) Assert.Contains(word, message, StringComparison.Ordinal);
    }
}
