namespace LmmRec.Evaluate;

/// <summary>A data set, and the artifact folders of it that evaluate reads and writes.</summary>
/// <param name="Name">its name</param>
/// <param name="Root">the folder of its artifacts</param>
/// <param name="Models">the folders of its trained models, by the name of the case</param>
public sealed record EvaluatedDataSet(string Name, string Root, IReadOnlyDictionary<string, string> Models)
{
    /// <summary>The folders of its features, by the name of the encoder: the report shows the vectors of those that are there.</summary>
    public IReadOnlyDictionary<string, string> Features { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders of what models are made from beside these features, such as <c>encoders/clip-ft</c>: the report says what of them failed or was stopped.</summary>
    public IReadOnlyDictionary<string, string> Upstream { get; init; } = new Dictionary<string, string>();

    /// <summary>Paths of files with lists that other programs made for its users; each is a case of the file's name.</summary>
    public IReadOnlyList<string> Rankings { get; init; } = [];

    internal string Ingest => Path.Combine(Root, "ingest");

    internal string Comparison => Path.Combine(Root, "comparison");

    internal string EvaluationOf(string name) => Path.Combine(Root, "evaluation", name);
}
