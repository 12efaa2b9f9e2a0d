using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Images;

/// <summary>Turns pixels into the numbers that an encoder reads: (v · rescale − mean) / std, in 32-bit floats and in its order of channels and axes.</summary>
internal sealed class Normalisation
{
    /// <summary>The tensor that a file of means per pixel holds.</summary>
    public const string MeanTensor = "mean";

    private const int Channels = 3, Values = 256;

    private readonly float[] _table = new float[Channels * Values]; // [channel of the input × value]
    private readonly int[] _source; // of each channel of the input: R, G or B
    private readonly float[]? _meanImage; // [channel × pixel], already divided by std
    private readonly bool _channelsLast;

    /// <param name="rule">what the card says</param>
    /// <param name="meanImage">mean of every pixel [3, height, width]; null: none</param>
    /// <param name="channelsLast">whether the input takes [height, width, 3] and not [3, height, width]</param>
    public Normalisation(ImagePreprocessing rule, TensorData? meanImage = null, bool channelsLast = false)
    {
        _channelsLast = channelsLast;
        _source = rule.Channels == ChannelOrder.Bgr ? [2, 1, 0] : [0, 1, 2];
        for (var channel = 0; channel < Channels; channel++)
        {
            var (mean, std) = ((float)rule.Mean[_source[channel]], (float)rule.Std[_source[channel]]);
            for (var v = 0; v < Values; v++) _table[channel * Values + v] = ((float)(v * rule.Rescale) - mean) / std;
        }
        if (meanImage is null) return;
        _meanImage = meanImage.ToFloats();
        var plane = _meanImage.Length / Channels;
        for (var i = 0; i < _meanImage.Length; i++) _meanImage[i] /= (float)rule.Std[_source[i / plane]];
    }

    /// <summary>Reads the means per pixel that <paramref name="rule"/> names in <paramref name="folder"/>; null: it names none.</summary>
    /// <exception cref="InvalidInputException">The file is missing, damaged, or of other sizes than the input.</exception>
    public static TensorData? ReadMeanImage(ImagePreprocessing rule, string folder)
    {
        if (rule.MeanImage is null) return null;
        var path = Path.Combine(folder, rule.MeanImage);
        if (!File.Exists(path)) throw new InvalidInputException($"{path}: is missing; the card names it as image.meanImage");
        StandIn.Refuse(path);
        try
        {
            var wanted = $"'{MeanTensor}' [{Channels}, {rule.Height}, {rule.Width}]";
            var tensors = SafeTensors.ReadFloats(path);
            if (!tensors.TryGetValue(MeanTensor, out var mean)) throw new InvalidInputException($"{path}: holds no tensor {wanted}");
            return mean.Shape.SequenceEqual([Channels, rule.Height, rule.Width])
                ? mean
                : throw new InvalidInputException($"{path}: '{MeanTensor}' is [{string.Join(", ", mean.Shape)}]; the input takes {wanted} (image.crop)");
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    /// <summary>Writes the means per pixel that an ONNX file holds, such as one that only prepares pictures, as the file that <paramref name="rule"/> names.</summary>
    /// <param name="rule">what the card says</param>
    /// <param name="onnx">the ONNX file</param>
    /// <param name="shown">what messages call it</param>
    /// <param name="path">where to</param>
    /// <exception cref="InvalidInputException">It holds no tensor of the input's sizes, or several.</exception>
    public static void WriteMeanImage(ImagePreprocessing rule, string onnx, string shown, string path)
    {
        try
        {
            long[] sizes = [Channels, rule.Height, rule.Width];
            var fitting = OnnxWeights.Read(onnx).Values.Where(t => t.Shape.Length == sizes.Length + 1 ? t.Shape[0] == 1 && t.Shape.AsSpan()[1..].SequenceEqual(sizes) : t.Shape.SequenceEqual(sizes)).ToList();
            if (fitting is not [var mean]) throw new InvalidInputException($"{shown}: holds {fitting.Count} tensors of [{string.Join(", ", sizes)}]; wanted is the one mean of every pixel");
            SafeTensors.Write(path, new Dictionary<string, TensorData> { [MeanTensor] = mean.Reshaped(sizes) });
        }
        catch (GraphException e)
        {
            throw new InvalidInputException($"{shown}: {e.Message}", e);
        }
    }

    /// <summary>Writes the numbers of a picture of the input's size to <paramref name="target"/>.</summary>
    public void Write(RgbImage image, Span<float> target)
    {
        var plane = image.Width * image.Height;
        var (step, first) = _channelsLast ? (Channels, 1) : (1, plane);
        for (var channel = 0; channel < Channels; channel++)
        {
            var table = _table.AsSpan(channel * Values, Values);
            var values = target[(channel * first)..];
            var source = _source[channel];
            for (var i = 0; i < plane; i++) values[i * step] = table[image.Pixels[i * Channels + source]];
            if (_meanImage is null) continue;
            var means = _meanImage.AsSpan(channel * plane, plane);
            for (var i = 0; i < plane; i++) values[i * step] -= means[i];
        }
    }
}
