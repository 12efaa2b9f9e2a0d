using LmmRec.Artifacts.Configuration;

namespace LmmRec.Encoders.Cards;

/// <summary>Where an encoder that a command or a configuration names is looked for: as a folder, and by its name in <see cref="Models"/>.</summary>
public static class CardFolder
{
    /// <summary>The folder of the encoders' folders.</summary>
    public const string Models = "onnx-models";

    /// <summary>The folder of the card that <paramref name="card"/> names; null: there is none.</summary>
    /// <param name="card">a path or a name</param>
    /// <param name="roots">folders that it is relative to, first to last</param>
    public static string? Find(string card, IReadOnlyList<string> roots) =>
        Places(card, roots).FirstOrDefault(folder => File.Exists(Path.Combine(folder, EncoderCard.FileName)));

    /// <summary>Where <see cref="Find"/> found nothing, in words.</summary>
    public static string Missing(string card, IReadOnlyList<string> roots)
    {
        var found = $"there is no {EncoderCard.FileName} in {string.Join(" or ", Places(card, roots))}";
        if (Places(card, roots).FirstOrDefault(Directory.Exists) is { } folder) return $"{found}; 'lmmrec models import {folder}' makes an encoder of a folder of weights";
        var names = roots.Select(root => Path.Combine(root, Models)).Where(Directory.Exists).SelectMany(Directory.GetDirectories).Where(place => File.Exists(Path.Combine(place, EncoderCard.FileName)));
        return $"{found}{NearestName.Hint(card, names.Select(place => Path.GetFileName(place)).Distinct())}; 'lmmrec models list' lists the encoders";
    }

    private static IEnumerable<string> Places(string card, IReadOnlyList<string> roots) =>
        roots.SelectMany(root => new[] { Path.Combine(root, card), Path.Combine(root, Models, card) }).Distinct();
}
