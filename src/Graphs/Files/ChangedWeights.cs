using Google.Protobuf;
using LmmRec.Artifacts.Store;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>Writes ONNX files of any tool with other weights.</summary>
public static class ChangedWeights
{
    /// <summary>
    /// Writes the file in <paramref name="source"/> with other weights to <paramref name="target"/>. All else stays: nodes, inputs and outputs, and
    /// which tensors lie in files beside it. 32-bit weights that become 16-bit ones are widened by a node; 16-bit ones that become 32-bit ones take their place.
    /// </summary>
    /// <param name="source">the file</param>
    /// <param name="target">another one, in a folder of its own</param>
    /// <param name="change">from the name of a floating-point tensor and its value to the new value, of the same shape</param>
    /// <exception cref="GraphException">The file is broken, or a tensor that it refers to is not there.</exception>
    public static void Write(string source, string target, Func<string, TensorData, TensorData> change)
    {
        var model = GraphReader.Parse(source);
        using var beside = new FilesBeside(target);
        for (var i = 0; i < model.Graph.Initializer.Count; i++)
        {
            var (proto, stored) = (model.Graph.Initializer[i], TensorReader.Read(model.Graph.Initializer[i], source));
            var value = stored.Type.IsFloat() ? change(proto.Name, stored) : stored;
            var name = value.Type != stored.Type && value.Type == ElementType.Float16 ? WidenBehind(model, proto.Name) : proto.Name;
            if (value.Type != stored.Type) model.Graph.ValueInfo.Clear(); // what it says of types would be wrong, and nobody needs it
            model.Graph.Initializer[i] = GraphWriter.ToTensor(name, value, beside.WriterLike(proto));
        }
        foreach (var attribute in model.Graph.Node.SelectMany(n => n.Attribute).Where(a => a.T?.DataLocation == TensorProto.Types.DataLocation.External))
            attribute.T = GraphWriter.ToTensor(attribute.T.Name, TensorReader.Read(attribute.T, source), beside.WriterLike(attribute.T));
        FileSystem.WriteAtomically(target, model.WriteTo);
    }

    // The tensor's name goes to a node that widens it; gives the name under which it is stored.
    private static string WidenBehind(ModelProto model, string name)
    {
        var narrow = name + ".float16";
        var cast = new NodeProto { Name = narrow + ".widened", OpType = "Cast" };
        cast.Input.Add(narrow);
        cast.Output.Add(name);
        cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)ElementType.Float32 });
        model.Graph.Node.Insert(0, cast);
        foreach (var input in model.Graph.Input.Where(i => i.Name == name).ToList()) model.Graph.Input.Remove(input); // files of old list weights there too
        model.IrVersion = Math.Max(model.IrVersion, 4); // since which they need not
        return narrow;
    }

    /// <summary>The files of weights beside a model that is written, under the names that the source's have.</summary>
    private sealed class FilesBeside(string model) : IDisposable
    {
        private readonly Dictionary<string, FileStream> _files = new(StringComparer.Ordinal);

        /// <summary>What writes a tensor to the file that the source has it in; null: the source has it inside.</summary>
        public Action<TensorData, TensorProto>? WriterLike(TensorProto source)
        {
            if (source.DataLocation != TensorProto.Types.DataLocation.External || ExternalData.Of(source).File is not { } name) return null;
            if (!_files.TryGetValue(name, out var file))
            {
                var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                _files[name] = file = new FileStream(path, FileMode.Append); // two models may share it
            }
            return new ExternalData(file, name).Write;
        }

        public void Dispose()
        {
            foreach (var file in _files.Values) file.Dispose();
        }
    }
}
