namespace LmmRec.Artifacts.Steps;

/// <summary>The progress of a step of one data set among several, whose name begins all that is told.</summary>
internal sealed class DatasetProgress(string dataset, IProgressSink sink) : IProgressSink
{
    public IProgressTask Start(string what, long? total) => sink.Start($"{dataset}: {what}", total);

    public void Note(string line) => sink.Note($"{dataset}: {line}");
}
